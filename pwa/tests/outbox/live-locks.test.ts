import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type LockChannel, LiveLocks, type Locks } from '../../src/outbox/live-locks';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A browser's locks as its tabs share them; a stolen lock ends the earlier holder's request, not its work. */
function sharedLocks(): Locks {
  let holder: { lose: (why: Error) => void } | null = null;
  const request = async <T>(name: string, options: LockOptions, work: (lock: Lock | null) => T | Promise<T>): Promise<T> => {
    if (holder !== null && options.steal !== true) return work(null);
    holder?.lose(new DOMException('stolen', 'AbortError'));
    let mine = null as typeof holder;
    const lost = new Promise<never>((_, lose) => (mine = { lose }));
    holder = mine;
    try {
      return await Promise.race([work({ name, mode: 'exclusive' }), lost]);
    } finally {
      if (holder === mine) holder = null;
    }
  };
  return { request };
}

/** Channels of tabs that hear each other, except those that are frozen. */
function tabs(count: number): (LockChannel & { frozen: boolean })[] {
  const all: (LockChannel & { frozen: boolean })[] = [];
  for (let i = 0; i < count; i += 1) {
    const own: LockChannel & { frozen: boolean } = {
      frozen: false,
      onmessage: null,
      postMessage: (data) => {
        for (const other of all) {
          if (other !== own && !other.frozen) void Promise.resolve().then(() => other.onmessage?.({ data } as MessageEvent));
        }
      },
    };
    all.push(own);
  }
  return all;
}

const ONLY_IF_FREE = { ifAvailable: true };
const got = (lock: Lock | null): boolean => lock !== null;

async function twoTabs() {
  const locks = sharedLocks();
  const [one, two] = tabs(2);
  if (one === undefined || two === undefined) throw new Error('two tabs');
  const first = new LiveLocks(locks, one);
  const second = new LiveLocks(locks, two);
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const held = first.request('sending', ONLY_IF_FREE, () => ended).catch((error: unknown) => (error as Error).name);
  await vi.advanceTimersByTimeAsync(0);
  return { first, second, one, held, end };
}

it('leaves the lock with a tab that answers, however long it holds it', async () => {
  const { second, end } = await twoTabs();
  for (let i = 0; i < 3; i += 1) {
    const asked = second.request('sending', ONLY_IF_FREE, got);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await asked).toBe(false);
  }
  end();
  await vi.advanceTimersByTimeAsync(0);
  expect(await second.request('sending', ONLY_IF_FREE, got)).toBe(true);
});

it('takes the lock from a tab that says nothing', async () => {
  const { second, one, held } = await twoTabs();
  one.frozen = true;
  const asked = second.request('sending', ONLY_IF_FREE, got);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await asked).toBe(true);
  expect(await held).toBe('AbortError');
});

it('never takes it from itself', async () => {
  const { first, end } = await twoTabs();
  expect(await first.request('sending', ONLY_IF_FREE, got)).toBe(false);
  end();
});
