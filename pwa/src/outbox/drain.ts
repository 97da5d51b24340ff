import type { Locks } from './live-locks';

/** One drain holds the lock for no longer: a frozen tab must not keep the others from sending. */
const DRAIN_MS = 60_000;

export type Outcome =
  | { kind: 'done'; more: boolean }
  | { kind: 'no_network' }
  | { kind: 'paused' }
  /** Another tab is sending. */
  | { kind: 'elsewhere' }
  /** The server answered, and does not want this phone's calls now. */
  | { kind: 'refused'; message: string; retryAfterS: number | null };

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
