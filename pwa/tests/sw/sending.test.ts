import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { sendWaiting } from '../../src/sw/sending';
import { Council, problem, reply } from '../council';
import { oneLock, openPage, openSignedIn, photoOf, reportInput } from '../outbox/phone';

/** What the worker does when the browser says that there is signal; the browser asks again where it rejects. */

let phones = 0;
const fresh = (): string => `sw-sending-${phones++}`;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** A council whose every push takes so long, with this many reports saved on a phone. */
async function slowPhone(secondsAPush: number, reports: number) {
  const council = new Council();
  council.fault = ({ path }) => {
    if (path.endsWith('/push')) vi.setSystemTime(Date.now() + secondsAPush * 1_000);
    return 'none';
  };
  const { outbox } = await openSignedIn(council, fresh());
  for (let i = 0; i < reports; i++) await outbox.saveReport(reportInput(), []);
  return { council, outbox };
}

describe('the worker, told that there is signal', () => {
  it('goes on after the first minute until all reports have gone', async () => {
    const { council, outbox } = await slowPhone(40, 120);
    await sendWaiting(outbox);
    expect(council.applied.size).toBe(120);
  });

  it('begins nothing new once the browser would end it, and is asked again for the rest', async () => {
    const { council, outbox } = await slowPhone(70, 120);
    await expect(sendWaiting(outbox)).rejects.toThrow();
    expect(council.applied.size).toBe(100);
    await sendWaiting(outbox);
    expect(council.applied.size).toBe(120);
  });

  it.each([
    ['a council that asks to wait', () => reply(429, problem(429, 'too_many'), { 'retry-after': '60' })],
    ['no signal', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('is asked again after %s', async (_why, answer) => {
    const council = new Council();
    let away = true;
    const fetch: typeof council.fetch = async (input, init) =>
      away && (input as string).endsWith('/push') ? answer() : council.fetch(input, init);
    const { outbox } = await openSignedIn(council, fresh(), { fetch });
    await outbox.saveReport(reportInput(), []);
    await expect(sendWaiting(outbox)).rejects.toThrow();
    away = false;
    vi.setSystemTime(Date.now() + 60_000);
    await sendWaiting(outbox);
    expect(council.applied.size).toBe(1);
  });

  it('is asked again when another tab is sending, which may be ended before it is through', async () => {
    const council = new Council();
    const locks = oneLock();
    const name = fresh();
    const page = await openSignedIn(council, name, { locks });
    await page.outbox.saveReport(reportInput(), []);
    const { outbox } = await openPage(council, name, { locks });
    await locks.request('outbox', {}, () => expect(sendWaiting(outbox)).rejects.toThrow());
    await page.outbox.sendNow();
    await sendWaiting(outbox);
    expect(council.applied.size).toBe(1);
  });

  it('keeps the wait that the council asked for one report, and is asked again for it', async () => {
    const council = new Council();
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'retry', after_s: 60 });
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    await expect(sendWaiting(outbox)).rejects.toThrow();
    council.verdictFor = () => null;
    await expect(sendWaiting(outbox)).rejects.toThrow();
    expect(council.applied.size).toBe(0);
    vi.setSystemTime(Date.now() + 61_000);
    await sendWaiting(outbox);
    expect(council.applied.size).toBe(1);
  });

  it('is not asked again for what only a person can move', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { link: () => 'mobile' });
    await outbox.setPhotosWait(true);
    await outbox.saveReport(reportInput(), [await photoOf('waits for Wi-Fi')]);
    council.verdictFor = ({ op_id, payload }) =>
      payload.includes('refused') ? { op_id, verdict: 'rejected', problem: problem(422, 'invalid_payload') } : null;
    await outbox.saveReport(reportInput({ description: 'refused' }), [await photoOf('of the refused one')]);
    await sendWaiting(outbox);
    expect(outbox.waiting.value).toBe(2);
    council.user = null;
    await outbox.saveReport(reportInput(), []);
    await sendWaiting(outbox);
    expect(outbox.session.value.status).toBe('paused');
  });
});
