import { beforeEach, describe, expect, it } from 'vitest';

import { Council, problem, reply } from '../council';
import { MortalDb, openPage, openSignedIn, photoOf, reportInput } from './phone';
import { input, open } from './resident';

/** A council that wants to be left alone for a while, and every page and worker of a phone that heeds it. */

const MINUTE = 60_000;
let phones = 0;
let council: Council;
let time: number;
let name: string;
/** Answers every call with 503 and this many seconds, while not null. */
let asks: number | null;
let calls: string[];

beforeEach(() => {
  council = new Council();
  time = Date.parse('2026-11-20T08:00:00Z');
  council.clock = () => time;
  name = `asked-${phones++}`;
  asks = null;
  calls = [];
});

const fetch: typeof globalThis.fetch = (input, init) => {
  calls.push(input as string);
  if (asks === null) return council.fetch(input, init);
  return Promise.resolve(reply(503, problem(503, 'busy', 'The council is busy'), { 'retry-after': String(asks) }));
};
const given = () => ({ fetch, now: () => time });

/** A page that saved a report while the council was busy, and is closed again. */
async function saveAndClose(retryAfterS: number): Promise<void> {
  const { outbox, db } = await openSignedIn(council, name, given());
  asks = retryAfterS;
  await outbox.saveReport(reportInput(), [await photoOf('evidence')]);
  await outbox.sendWhile(() => true);
  expect(calls.length).toBeGreaterThan(0);
  await db.close();
  asks = null;
  calls = [];
}

/** Opens the page anew and lets it do what it does by itself. */
async function openAgain() {
  const page = await openPage(council, name, given());
  const stop = page.outbox.start();
  await rest(() => page.outbox.busy.value);
  stop();
  return page;
}

async function rest(busy: () => boolean): Promise<void> {
  for (let quiet = 0; quiet < 30; quiet = busy() ? 0 : quiet + 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a wait that the council asked for', () => {
  it('holds for a page opened anew, which says why, and ends with it', async () => {
    await saveAndClose(1_200);
    time += 19 * MINUTE;
    const { outbox, db } = await openAgain();
    expect(calls).toEqual([]);
    expect([outbox.notice.value, outbox.reach.value]).toEqual(['The council is busy', 'unknown']);
    await db.close();
    time += MINUTE;
    expect((await openAgain()).outbox.notice.value).toBe(null);
    expect(council.applications).toBe(1);
  });

  it('holds for the worker, which has the browser ask again later', async () => {
    await saveAndClose(1_200);
    time += 19 * MINUTE;
    const { outbox } = await openPage(council, name, given());
    expect(await outbox.sendWhile(() => true)).toBe(true);
    expect(calls).toEqual([]);
    time += MINUTE;
    await outbox.sendWhile(() => true);
    expect(council.applications).toBe(1);
  });

  it('is kept by the worker for the pages', async () => {
    const { outbox, db } = await openSignedIn(council, name, given());
    await outbox.saveReport(reportInput(), []);
    asks = 600;
    await outbox.sendWhile(() => true);
    await db.close();
    [asks, calls] = [null, []];
    await openAgain();
    expect(calls).toEqual([]);
  });

  it('gives way to a person who taps "Send now", on every page from then on', async () => {
    await saveAndClose(1_200);
    const { outbox, db } = await openPage(council, name, given());
    await outbox.sendNow();
    expect(council.applications).toBe(1);
    await db.close();
    calls = [];
    await openAgain();
    expect(calls).not.toEqual([]);
  });

  it.each([
    ['put forward', 30, 0],
    ['put back by a day', -1_440, 0],
    ['put back by less', -30, 60],
  ])('lasts no longer than an hour whatever the clock does: %s', async (_what, minutes, longest) => {
    await saveAndClose(1_200);
    time += minutes * MINUTE;
    await (await openAgain()).db.close();
    const waits = council.applications === 0;
    expect(waits).toBe(longest > 0);
    time += longest * MINUTE;
    await openAgain();
    expect(council.applications).toBe(1);
  });

  it('is no longer than an hour whatever the council asks', async () => {
    await saveAndClose(100_000);
    time += 60 * MINUTE;
    await openAgain();
    expect(council.applications).toBe(1);
  });

  it('holds for a resident’s page opened anew, until somebody taps', async () => {
    const db = new MortalDb(name);
    const first = await open(council, name, { ...given(), db });
    asks = 1_200;
    await first.save(input(), [], {});
    await first.sendNow();
    expect(calls).not.toEqual([]);
    await db.close();
    [asks, calls] = [null, []];
    const again = await open(council, name, given());
    const stop = again.start();
    await rest(() => false);
    expect(calls).toEqual([]);
    await again.sendNow();
    expect(again.waiting.value).toBe(0);
    stop();
  });
});
