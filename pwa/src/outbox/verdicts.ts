import type { OpResult } from '../wire/types';
import { backoffMs } from './backoff';
import type { OpRow } from './schema';

/** Nothing is put off for longer, whatever a server asks. */
export const LONGEST_WAIT_MS = 3_600_000;

/** A moment further off than any wait was set by a clock that has since been put back: nothing waits for it. */
export function hasPassed(at: number, now: number): boolean {
  return at <= now || at > now + LONGEST_WAIT_MS;
}

/**
 * The row after the server's verdict on it. A verdict this phone does not know is treated as `retry`: nothing is dropped.
 * `now` in milliseconds.
 */
export function settle(row: OpRow, result: OpResult, now: number, random: () => number): OpRow {
  const answered = { ...row, leaseUntil: 0, verdict: result.verdict, problem: result.problem ?? null };
  switch (result.verdict) {
    case 'applied':
    case 'duplicate':
    case 'merged':
    case 'conflict':
      return { ...answered, state: 'received', rev: result.rev ?? row.rev, receivedAt: new Date(now).toISOString() };
    case 'rejected':
      return { ...answered, state: 'needs_you' };
    case 'waiting_for':
    case 'retry':
    default:
      return putOff(answered, result.after_s ?? null, now, random);
  }
}

/** The row put off: by the server's wish when it has one, by backoff otherwise. */
export function putOff<T extends { attempts: number }>(
  row: T,
  afterS: number | null,
  now: number,
  random: () => number,
): T & { attempts: number; nextAt: number; leaseUntil: number } {
  const attempts = row.attempts + 1;
  const wait = Math.min(LONGEST_WAIT_MS, Math.max((afterS ?? 0) * 1_000, backoffMs(attempts, random)));
  return { ...row, attempts, nextAt: now + wait, leaseUntil: 0 };
}
