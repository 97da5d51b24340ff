import { describe, expect, it } from 'vitest';

import { Council, problem, reply } from '../council';
import { HardDb, openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `room-${phones++}`;
const DAY = 86_400_000;
const START = Date.parse('2026-11-20T08:00:00Z');

/** A phone with one report on it that has a photo, sent as far as the council lets it. */
async function sentOne(council: Council, now: () => number = () => START, given: Parameters<typeof openSignedIn>[2] = {}) {
  council.clock = now;
  const { outbox } = await openSignedIn(council, fresh(), { now, ...given });
  const photo = await photoOf('evidence');
  await outbox.saveReport(reportInput(), [photo]);
  await outbox.sendNow();
  const isHere = async (): Promise<boolean> => (await outbox.photo(photo.id)) !== null;
  const arrived = (): string => Buffer.from(council.photos.get(photo.id) ?? []).toString();
  return { outbox, photo, isHere, arrived };
}

describe('a photo gives way on a full phone', () => {
  it('only once a later pull called it checked, not as soon as it was received', async () => {
    const council = new Council();
    council.verifies = false;
    const { outbox, isHere } = await sentOne(council);
    expect(outbox.items.value[0]?.words).toBe('Photos 0 of 1 checked');
    await outbox.freeChecked();
    expect(await isHere()).toBe(true);
    council.verifies = true;
    await outbox.freeChecked();
    expect(await isHere()).toBe(true);
    await outbox.sendNow();
    await outbox.freeChecked();
    expect(await isHere()).toBe(false);
    expect(outbox.items.value[0]?.state).toBe('safe');
  });

  it('not while its report’s own receipt is missing', async () => {
    const council = new Council();
    council.acks = false;
    const { outbox, isHere } = await sentOne(council);
    await outbox.freeChecked();
    expect(await isHere()).toBe(true);
    council.acks = true;
    await outbox.sendNow();
    await outbox.freeChecked();
    expect(await isHere()).toBe(false);
  });

  it('and the line of its report stays, however old', async () => {
    let now = START;
    const { outbox, isHere } = await sentOne(new Council(), () => now);
    now += 31 * DAY;
    await outbox.freeChecked();
    await outbox.saveNote({ case: 'c0' }, 'Seen again');
    expect(await isHere()).toBe(false);
    expect(outbox.items.value.map(({ type }) => type)).toContain('report.create');
  });

  it('not when the council has lost it, or has yet to check it anew, since it called it checked', async () => {
    const council = new Council();
    const { outbox, isHere, arrived } = await sentOne(council);
    council.photos.clear();
    council.fault = ({ path }) => (path.includes('/uploads') ? 'lost_request' : 'none');
    expect(await outbox.checkWithCouncil()).toMatchObject({ again: 1, lost: 0 });
    await outbox.freeChecked();
    expect(await isHere()).toBe(true);
    council.fault = () => 'none';
    council.verifies = false;
    await outbox.sendNow();
    await outbox.freeChecked();
    expect([await isHere(), arrived()]).toEqual([true, 'evidence']);
  });

  it('not while it is another person’s, for whom the council was not asked what it still has', async () => {
    const { outbox, isHere } = await sentOne(new Council());
    await outbox.signIn('other@demo.example', 'right');
    await outbox.sendNow();
    await outbox.freeChecked();
    expect(await isHere()).toBe(true);
    await outbox.signIn('crew@demo.example', 'right');
    await outbox.sendNow();
    await outbox.freeChecked();
    expect(await isHere()).toBe(false);
  });

  it('not when the council has it whole, but no longer calls it checked', async () => {
    const council = new Council();
    const { outbox, isHere } = await sentOne(council);
    council.verifies = false;
    await outbox.checkWithCouncil();
    expect(outbox.items.value[0]?.words).toBe('Photos 0 of 1 checked');
    await outbox.freeChecked();
    expect(await isHere()).toBe(true);
  });
});

it('keeps old photos while a council that went back to a backup cannot be asked what it still has', async () => {
  let now = START;
  let busy = false;
  const council = new Council();
  const fetch: typeof council.fetch = (input, init) =>
    busy && (input as string).endsWith('/reconcile') ? Promise.resolve(reply(500, problem(500, 'server_error'))) : council.fetch(input, init);
  const { outbox, isHere, arrived } = await sentOne(council, () => now, { fetch });
  now += 8 * DAY;
  busy = true;
  council.applied.clear();
  council.photos.clear();
  council.resetNext = true;
  await outbox.sendNow();
  expect(await isHere()).toBe(true);
  await outbox.freeChecked();
  expect(await isHere()).toBe(true);
  busy = false;
  await outbox.sendNow();
  expect(arrived()).toBe('evidence');
});

describe('a save that finds no room', () => {
  /** A phone that holds no more than one photo. */
  const smallPhone = (): HardDb => new HardDb(fresh(), async (db) => (await db.count('photo_bytes')) > 0);

  it('works after all when a photo that the council has checked can give way', async () => {
    const { outbox, isHere } = await sentOne(new Council(), () => START, { db: smallPhone() });
    expect(await isHere()).toBe(true);
    const photo = await photoOf('newer evidence');
    await outbox.saveReport(reportInput(), [photo]);
    expect(await isHere()).toBe(false);
    expect((await outbox.photo(photo.id))?.bytes).toEqual(photo.bytes);
    expect(outbox.items.value.map(({ state }) => state).sort()).toEqual(['safe', 'saved']);
  });

  it('is refused in plain words when none can, and takes nothing away', async () => {
    const council = new Council();
    council.verifies = false;
    const { outbox, isHere } = await sentOne(council, () => START, { db: smallPhone() });
    const saving = outbox.saveReport(reportInput(), [await photoOf('newer evidence')]);
    await expect(saving).rejects.toMatchObject({ reason: 'full', message: /^Phone nearly full: this is not saved yet/ });
    expect(await isHere()).toBe(true);
    expect(outbox.items.value).toHaveLength(1);
  });
});
