import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { backoffMs } from '../../src/outbox/backoff';
import { Pace } from '../../src/outbox/pace';
import { type Outcome, asAsked } from '../../src/outbox/drain';
import type { MetaValues } from '../../src/outbox/schema';

const DONE: Outcome = { kind: 'done', more: false };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A page whose drains end so, one after the other; what the council asked it keeps as the phone does. */
function paceAnswering(outcomes: Outcome[], unfinished = false) {
  const drains: number[] = [];
  let asked: MetaValues['asked'] | undefined;
  const db = {
    meta: () => Promise.resolve(asked as never),
    setMeta: (_key: string, value: unknown) => Promise.resolve(void (asked = value as typeof asked)),
  };
  const drain = (): Promise<Outcome> => {
    drains.push(Date.now());
    return Promise.resolve(outcomes.shift() ?? DONE);
  };
  const pace = new Pace({
    random: () => 0.999_999,
    unfinished: () => unfinished,
    drain: () => asAsked({ db, now: Date.now }, drain),
  });
  return { pace, drains };
}

class Page extends EventTarget {
  visibilityState = 'visible';
}

describe('when to send', () => {
  it('on open, online, visible and the worker’s word', async () => {
    const { pace, drains } = paceAnswering([]);
    const [window, document, serviceWorker] = [new EventTarget(), new Page(), new EventTarget()];
    const stop = pace.start({ window, document, serviceWorker });
    await vi.advanceTimersByTimeAsync(0);
    expect(drains).toHaveLength(1);
    for (const send of [
      () => window.dispatchEvent(new Event('online')),
      () => document.dispatchEvent(new Event('visibilitychange')),
      () => serviceWorker.dispatchEvent(new MessageEvent('message', { data: 'drain' })),
    ]) {
      send();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(drains).toHaveLength(4);
    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    serviceWorker.dispatchEvent(new MessageEvent('message', { data: 'other' }));
    stop();
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(drains).toHaveLength(4);
  });

  it('after failures with pauses that grow to five minutes, and at once after a tap', async () => {
    const { pace, drains } = paceAnswering(Array.from({ length: 12 }, () => ({ kind: 'no_network' as const })));
    const stop = pace.start({});
    await vi.advanceTimersByTimeAsync(3_600_000);
    const pauses = drains.slice(1, 11).map((at, i) => Math.round((at - (drains[i] ?? 0)) / 1_000));
    expect(pauses).toEqual([4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    stop();
    const { pace: tapped, drains: taps } = paceAnswering([{ kind: 'no_network' }]);
    await tapped.tap();
    await tapped.tap();
    expect(taps).toHaveLength(2);
  });

  it.each(['online', 'another link'])('at once and with short pauses again after failures: %s', async (news) => {
    const { pace, drains } = paceAnswering(Array.from({ length: 12 }, () => ({ kind: 'no_network' as const })));
    const [window, connection] = [new EventTarget(), new EventTarget()];
    const stop = pace.start({ window, connection });
    await vi.advanceTimersByTimeAsync(61_000);
    expect(drains).toHaveLength(5);
    const tell = (): unknown => (news === 'online' ? window.dispatchEvent(new Event('online')) : connection.dispatchEvent(new Event('change')));
    tell();
    await vi.advanceTimersByTimeAsync(0);
    expect(drains).toHaveLength(6);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(drains).toHaveLength(7);
    stop();
    tell();
    await vi.advanceTimersByTimeAsync(0);
    expect(drains).toHaveLength(7);
  });

  it('no sooner than a busy server asks', async () => {
    const { pace, drains } = paceAnswering([{ kind: 'refused', message: '', retryAfterS: 120 }]);
    const stop = pace.start({});
    await vi.advanceTimersByTimeAsync(119_000);
    expect(drains).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(drains).toHaveLength(2);
    stop();
  });

  it.each(['online', 'another link', 'visible', 'a save', 'the worker’s word'])('no sooner than a busy server asks, whatever happens: %s', async (news) => {
    const { pace, drains } = paceAnswering([{ kind: 'refused', message: '', retryAfterS: 120 }]);
    const [window, document, serviceWorker, connection] = [new EventTarget(), new Page(), new EventTarget(), new EventTarget()];
    const stop = pace.start({ window, document, serviceWorker, connection });
    await vi.advanceTimersByTimeAsync(60_000);
    if (news === 'online') window.dispatchEvent(new Event('online'));
    if (news === 'another link') connection.dispatchEvent(new Event('change'));
    if (news === 'visible') document.dispatchEvent(new Event('visibilitychange'));
    if (news === 'a save') pace.nudge();
    if (news === 'the worker’s word') serviceWorker.dispatchEvent(new MessageEvent('message', { data: 'drain' }));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(drains).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(drains).toHaveLength(2);
    stop();
  });

  it('no sooner than a busy server asks, also what was saved while it said so', async () => {
    const { pace, drains } = paceAnswering([{ kind: 'refused', message: '', retryAfterS: 120 }]);
    const stop = pace.start({});
    pace.nudge();
    await vi.advanceTimersByTimeAsync(119_000);
    expect(drains).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(drains).toHaveLength(2);
    stop();
  });

  it('after an hour at the latest, and at once when the clock was put back meanwhile', async () => {
    const { pace, drains } = paceAnswering([{ kind: 'refused', message: '', retryAfterS: 10_000_000 }, { kind: 'refused', message: '', retryAfterS: 3_600 }]);
    const stop = pace.start({});
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(drains).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(drains).toHaveLength(2);
    vi.setSystemTime(Date.now() - 86_400_000);
    pace.nudge();
    await vi.advanceTimersByTimeAsync(0);
    expect(drains).toHaveLength(3);
    stop();
  });

  it('at once again when the minute ran out with more to send, soon while checks are open, seldom when idle', async () => {
    const { pace, drains } = paceAnswering([{ kind: 'done', more: true }], true);
    const stop = pace.start({});
    await vi.advanceTimersByTimeAsync(1);
    expect(drains).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(drains).toHaveLength(3);
    stop();
    const idle = paceAnswering([]);
    const stopIdle = idle.pace.start({});
    await vi.advanceTimersByTimeAsync(299_000);
    expect(idle.drains).toHaveLength(1);
    stopIdle();
  });

  it('once more after a drain under way, so that nothing saved meanwhile is passed over', async () => {
    const { pace, drains } = paceAnswering([]);
    await Promise.all([pace.tap(), pace.tap(), pace.tap()]);
    expect(drains).toHaveLength(2);
  });
});

it('spreads retries over the whole span between two seconds and the ceiling', () => {
  expect(backoffMs(1, () => 0)).toBe(2_000);
  expect(backoffMs(1, () => 1)).toBe(4_000);
  expect(backoffMs(50, () => 1)).toBe(300_000);
  expect([1, 2, 5, 50].map((attempts) => backoffMs(attempts, () => 0))).toEqual([2_000, 2_000, 2_000, 2_000]);
  expect([1, 2, 5, 50].map((attempts) => backoffMs(attempts, () => 0.5))).toEqual([3_000, 5_000, 33_000, 151_000]);
});
