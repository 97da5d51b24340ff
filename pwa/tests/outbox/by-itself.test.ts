import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Link, Outbox } from '../../src/outbox';
import { type PublicOutbox, createPublicOutbox } from '../../src/outbox/public';
import { Council, problem, reply } from '../council';
import { MortalDb, oneLock, openPage, openSignedIn, photoOf, reportInput } from './phone';

/** What goes without anybody touching the phone: time passes, and nothing else happens. */

let phones = 0;
const fresh = (): string => `by-itself-${phones++}`;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

type Sending = Pick<Outbox, 'busy'> | Pick<PublicOutbox, 'items'>;

/** Lets this much time pass, and what begins in it come to its end. */
async function pass(outbox: Sending, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    await rest(outbox);
  }
}

/** Storage and hashes take their turns outside the timers: looks until nothing has gone on for a while. */
async function rest(outbox: Sending): Promise<void> {
  for (let quiet = 0; quiet < 30; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const busy = 'busy' in outbox ? outbox.busy.value : outbox.items.value.some(({ state }) => state === 'sending');
    quiet = busy ? 0 : quiet + 1;
  }
}

const callsTo = (council: Council, path: string): number => council.calls.filter((call) => call.path.endsWith(path)).length;

/** The council, but what is asked at `path` is refused, and to be asked again after `retryAfter` seconds. */
function refusing(council: Council, path: string, status: number, retryAfter: number) {
  let refusals = 0;
  const fetch: typeof council.fetch = (input, init) => {
    if (!(input as string).endsWith(path) || Date.now() >= until) return council.fetch(input, init);
    refusals += 1;
    return Promise.resolve(reply(status, problem(status, 'busy', 'Busy'), { 'retry-after': String(retryAfter), 'tus-resumable': '1.0.0' }));
  };
  const until = Date.now() + 1_000;
  return { fetch, refusals: () => refusals };
}

describe('what could not go', () => {
  it('is tried again when there is signal', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const stop = outbox.start();
    council.fault = () => 'lost_request';
    await outbox.saveReport(reportInput(), [await photoOf('evidence')]);
    await pass(outbox, 3);
    expect(council.applied.size).toBe(0);
    council.fault = () => 'none';
    await pass(outbox, 30);
    expect(outbox.items.value[0]?.state).toBe('safe');
    stop();
  });

  it('is tried again no sooner than the council asked, and soon after', async () => {
    const council = new Council();
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'retry', after_s: 60 });
    const { outbox } = await openSignedIn(council, fresh());
    const stop = outbox.start();
    await outbox.saveReport(reportInput(), []);
    await rest(outbox);
    council.verdictFor = () => null;
    await pass(outbox, 59);
    expect(callsTo(council, '/push')).toBe(1);
    await pass(outbox, 17);
    expect(council.applied.size).toBe(1);
    stop();
  });

  it('waits no longer than an hour, whatever the council asked', async () => {
    const council = new Council();
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'retry', after_s: 1_000_000 });
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    council.verdictFor = () => null;
    vi.setSystemTime(Date.now() + 3_599_000);
    const stop = outbox.start();
    await rest(outbox);
    expect(council.applied.size).toBe(0);
    await pass(outbox, 17);
    expect(council.applied.size).toBe(1);
    stop();
  });

  it('waits as long as a council that is too busy for any call asks', async () => {
    const council = new Council();
    const busy = refusing(council, '/push', 429, 60);
    const { outbox } = await openSignedIn(council, fresh(), { fetch: busy.fetch });
    await outbox.saveReport(reportInput(), []);
    const stop = outbox.start();
    await rest(outbox);
    await pass(outbox, 59);
    expect([busy.refusals(), council.applied.size]).toEqual([1, 0]);
    await pass(outbox, 3);
    expect(council.applied.size).toBe(1);
    stop();
  });

  it('a photo waits as long as a council with a full disk asks, and its report does not', async () => {
    const council = new Council();
    const full = refusing(council, '/uploads', 507, 60);
    const { outbox } = await openSignedIn(council, fresh(), { fetch: full.fetch });
    const stop = outbox.start();
    await outbox.saveReport(reportInput(), [await photoOf('evidence')]);
    await rest(outbox);
    await pass(outbox, 59);
    expect([council.applied.size, full.refusals(), callsTo(council, '/uploads')]).toEqual([1, 1, 0]);
    await pass(outbox, 17);
    expect(council.photos.size).toBe(1);
    stop();
  });

  it('a resident’s report waits as long as the council asks', async () => {
    const council = new Council();
    const busy = refusing(council, '/public/reports', 429, 60);
    const { fetch } = busy;
    const channel = { postMessage: () => undefined, onmessage: null };
    const outbox = createPublicOutbox({ fetch, now: Date.now, random: () => 0.5, locks: oneLock(), channel, db: new MortalDb(fresh()) });
    await outbox.ready;
    const contact = { name: null, email: null, phone: null };
    await outbox.save({ ...reportInput(), authority: 'demo', where: '', contact, extra: {} }, [], {});
    const stop = outbox.start();
    await rest(outbox);
    await pass(outbox, 59);
    expect([busy.refusals(), council.publicReports.size]).toEqual([1, 0]);
    await pass(outbox, 3);
    expect(council.publicReports.size).toBe(1);
    stop();
  });
});

describe('the council is asked', () => {
  const refuse = (council: Council): void => {
    council.verdictFor = ({ op_id, payload }) =>
      payload.includes('refused') ? { op_id, verdict: 'rejected', problem: problem(422, 'invalid_payload') } : null;
  };

  /** How often it is asked for news in two minutes, once what can go has gone. */
  async function asksInTwoMinutes(council: Council, outbox: Outbox): Promise<number> {
    const stop = outbox.start();
    await rest(outbox);
    await pass(outbox, 16);
    const before = callsTo(council, '/pull');
    await pass(outbox, 120);
    stop();
    return callsTo(council, '/pull') - before;
  }

  it('seldom while what is left waits for a person', async () => {
    const council = new Council();
    refuse(council);
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput({ description: 'refused' }), [await photoOf('of the refused one')]);
    await outbox.saveReport(reportInput(), []);
    expect(await asksInTwoMinutes(council, outbox)).toBe(0);
    expect(outbox.items.value.map(({ state }) => state).sort()).toEqual(['needs_you', 'safe']);
    expect(outbox.waiting.value).toBe(1);
  });

  it('seldom while what is left waits for Wi-Fi, and at once when that comes', async () => {
    const council = new Council();
    let link: Link = 'mobile';
    const { outbox } = await openSignedIn(council, fresh(), { link: () => link });
    await outbox.setPhotosWait(true);
    await outbox.saveReport(reportInput(), [await photoOf('waits')]);
    expect(await asksInTwoMinutes(council, outbox)).toBe(0);
    expect(outbox.waiting.value).toBe(1);
    const connection = new EventTarget();
    const stop = outbox.start({ connection });
    await rest(outbox);
    expect(council.photos.size).toBe(0);
    link = 'wifi';
    connection.dispatchEvent(new Event('change'));
    await rest(outbox);
    expect(council.photos.size).toBe(1);
    stop();
  });

  it('often while anything is not confirmed, also beside what waits for a person', async () => {
    const council = new Council();
    refuse(council);
    council.acks = false;
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput({ description: 'refused' }), []);
    await outbox.saveReport(reportInput(), []);
    expect(await asksInTwoMinutes(council, outbox)).toBe(8);
  });

  it('often while a photo is not checked, also of a report one of whose photos waits for a person', async () => {
    const council = new Council();
    council.verifies = false;
    const { outbox, db } = await openSignedIn(council, fresh());
    const [bad, good] = [await photoOf('bad'), await photoOf('good')];
    await outbox.saveReport(reportInput(), [bad, good]);
    await db.run((handle) => handle.delete('photo_bytes', bad.id));
    expect(await asksInTwoMinutes(council, outbox)).toBe(8);
    expect(outbox.items.value[0]?.state).toBe('needs_you');
  });
});

describe('a slow sending of many photos', () => {
  /** Each photo takes 25 seconds. */
  async function slowPhone(council: Council, given: Parameters<typeof openSignedIn>[2] = {}): Promise<Outbox> {
    const { outbox } = await openSignedIn(council, fresh(), given);
    await outbox.saveReport(reportInput(), await Promise.all(['1', '22', '333', '4444', '55555'].map(photoOf)));
    council.fault = ({ path }) => {
      if (path.endsWith('/uploads')) vi.setSystemTime(Date.now() + 25_000);
      return 'none';
    };
    return outbox;
  }

  it('lets another tab have its turn after a minute', async () => {
    const council = new Council();
    const locks = oneLock();
    const outbox = await slowPhone(council, { locks });
    await outbox.sendNow();
    expect(council.photos.size).toBe(3);
    const { outbox: other } = await openPage(council, `by-itself-${phones - 1}`, { locks });
    await other.sendNow();
    expect(council.photos.size).toBe(5);
  });

  it('goes on at once after that minute where no other tab wants to', async () => {
    const council = new Council();
    const outbox = await slowPhone(council);
    const stop = outbox.start();
    await rest(outbox);
    await pass(outbox, 1);
    expect(council.photos.size).toBe(5);
    stop();
  });
});
