import type { Db } from './db';
import type { Locks } from './live-locks';
import { LONGEST_WAIT_MS, hasPassed } from './verdicts';

/** One drain holds the lock for no longer: a frozen tab must not keep the others from sending. */
const DRAIN_MS = 60_000;

export type Outcome =
  | { kind: 'done'; more: boolean }
  | { kind: 'no_network' }
  | { kind: 'paused' }
  /** Another tab is sending. */
  | { kind: 'elsewhere' }
  /** The server answered, and does not want this phone's calls now. */
  | { kind: 'refused'; message: string; retryAfterS: number | null }
  /** It said so before, and asked not to be called for so long. */
  | { kind: 'not_yet'; message: string; ms: number };

/** Whether it says nothing of the council: this page did not try. */
export const isAside = ({ kind }: Outcome): boolean => kind === 'elsewhere' || kind === 'not_yet';

export interface Turn {
  /** A lock keeps every other tab's sender out. */
  soleSender: boolean;
  /** Whether the drain may still begin something new. */
  inTime: () => boolean;
}

/** One drain at a time over all tabs, where the browser has locks. `now` in milliseconds of the phone's clock. */
export async function drainAlone(
  { locks, now }: { locks: Locks | undefined; now: () => number },
  lockName: string,
  attempt: (turn: Turn) => Promise<Outcome>,
): Promise<Outcome> {
  const begin = (soleSender: boolean): Promise<Outcome> => {
    const deadline = now() + DRAIN_MS;
    return attempt({ soleSender, inTime: () => now() < deadline });
  };
  if (locks === undefined) return begin(false);
  return locks.request(lockName, { ifAvailable: true }, (lock): Outcome | Promise<Outcome> =>
    lock === null ? { kind: 'elsewhere' } : begin(true),
  );
}

/**
 * No drain before the council wants to be called again. What it asked is stored, since a page opened anew and the worker
 * would otherwise ask at once. `now` in milliseconds of the phone's clock.
 */
export async function asAsked(
  { db, now }: { db: Pick<Db, 'meta' | 'setMeta'>; now: () => number },
  drain: () => Promise<Outcome>,
): Promise<Outcome> {
  const asked = await db.meta('asked');
  if (asked !== undefined && !hasPassed(asked.until, now())) return { kind: 'not_yet', message: asked.message, ms: asked.until - now() };
  const outcome = await drain();
  if (outcome.kind === 'refused' && outcome.retryAfterS !== null) {
    const until = now() + Math.min(LONGEST_WAIT_MS, outcome.retryAfterS * 1_000);
    // A phone too full to keep it waits by its timer alone.
    await db.setMeta('asked', { until, message: outcome.message }).catch(() => undefined);
  }
  return outcome;
}
