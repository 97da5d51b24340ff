import { describe, expect, it } from 'vitest';

import type { PublicOutboxDeps } from '../../src/outbox/public';
import type { Council } from '../council';
import { HardDb, photoOf } from './phone';
import { input, nobody, open } from './resident';

let phones = 0;
const fresh = (): string => `public-kept-${phones++}`;
const DAY = 86_400_000;
const START = Date.parse('2026-11-20T08:00:00Z');

/** Last night's backup: what came since is gone. */
function restore(council: Council): void {
  council.publicReports.clear();
  council.photos.clear();
  council.uploads.clear();
}

/** A phone with one report on it that has a photo, both safe at the council. Their clocks agree until one is moved. */
async function sentOne(given: Partial<PublicOutboxDeps> = {}) {
  const [council, time] = [nobody(), { phone: START, council: START }];
  council.clock = () => time.council;
  const outbox = await open(council, fresh(), { now: () => time.phone, ...given });
  const [report, photo] = [input(), await photoOf('evidence')];
  await outbox.save(report, [photo], {});
  await outbox.sendNow();
  const pass = (ms: number): void => {
    time.phone += ms;
    time.council += ms;
  };
  const isHere = async (): Promise<boolean> => (await outbox.photo(photo.id)) !== null;
  const state = (): string | undefined => outbox.items.value[0]?.state;
  const asked = (): number => council.pathsOf('GET').filter((path) => path.startsWith('/api/v1/public/reports/')).length;
  expect(state()).toBe('safe');
  return { council, outbox, report, photo, time, pass, isHere, state, asked };
}

describe('what a resident’s phone keeps of a report that the council has', () => {
  it('is asked about daily, also when the clock was put back, and not more often', async () => {
    const { outbox, time, pass, asked } = await sentOne();
    const first = asked();
    pass(DAY - 1);
    await outbox.sendNow();
    expect(asked()).toBe(first);
    pass(1);
    await outbox.sendNow();
    expect(asked()).toBe(first + 1);
    time.phone -= 3 * DAY;
    await outbox.sendNow();
    expect(asked()).toBe(first + 2);
  });

  it('goes again when the council went back to a backup, and is not called safe meanwhile', async () => {
    const { council, outbox, report, photo, pass, state } = await sentOne();
    restore(council);
    pass(DAY);
    await outbox.sendNow();
    expect([state(), outbox.items.value[0]?.photos.verified]).toEqual(['saved', 0]);
    await outbox.sendNow();
    expect([...council.publicReports.keys()]).toEqual([report.id]);
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
    expect(state()).toBe('safe');
  });

  it('goes from the phone after a week and a month, once the council has said again that it has it', async () => {
    const { outbox, pass, isHere, state } = await sentOne();
    pass(8 * DAY);
    await outbox.sendNow();
    expect([await isHere(), state()]).toEqual([false, 'safe']);
    pass(23 * DAY);
    await outbox.sendNow();
    expect(outbox.items.value).toEqual([]);
  });

  it('goes by the council’s time: a phone’s clock that jumps has kept nothing for longer or shorter', async () => {
    const { outbox, time, pass, isHere } = await sentOne();
    time.phone += 400 * DAY;
    await outbox.sendNow();
    expect([outbox.items.value.length, await isHere()]).toEqual([1, true]);
    time.phone -= 800 * DAY;
    pass(7 * DAY);
    await outbox.sendNow();
    expect(await isHere()).toBe(true);
    pass(DAY);
    await outbox.sendNow();
    expect(await isHere()).toBe(false);
  });

  it('was checked when the council says so, however wrong the phone’s clock was then', async () => {
    const { council, outbox, time, pass, isHere } = await sentOne();
    restore(council);
    pass(DAY);
    time.phone -= 400 * DAY;
    await outbox.sendNow();
    await outbox.sendNow();
    time.phone += 400 * DAY;
    await outbox.sendNow();
    expect(await isHere()).toBe(true);
  });

  it('stays whole while the council does not say whether it still has it', async () => {
    const { council, outbox, pass, isHere } = await sentOne();
    restore(council);
    council.fault = () => 'portal';
    pass(31 * DAY);
    await outbox.sendNow();
    expect(await isHere()).toBe(true);
    council.fault = () => 'none';
    await outbox.sendNow();
    expect(await isHere()).toBe(true);
  });

  it('sends a photo again that the council lost or found damaged, checked before or not', async () => {
    const { council, outbox, photo, pass, state } = await sentOne();
    council.photos.delete(photo.id);
    pass(DAY);
    await outbox.sendNow();
    council.verifies = false;
    await outbox.sendNow();
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
    expect(outbox.items.value[0]?.words).toBe('Photos 0 of 1 checked');
    council.photos.delete(photo.id);
    council.verifies = true;
    await outbox.sendNow();
    await outbox.sendNow();
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
    expect(state()).toBe('safe');
  });

  it('keeps the bytes of a photo that the council no longer calls checked', async () => {
    const { council, outbox, pass, isHere } = await sentOne();
    council.verifies = false;
    pass(8 * DAY);
    await outbox.sendNow();
    expect(outbox.items.value[0]?.words).toBe('Photos 0 of 1 checked');
    expect(await isHere()).toBe(true);
  });

  it.each(['report', 'photo'])('tells plainly of a photo that neither side has any more, when its %s was lost', async (lost) => {
    const { council, outbox, report, photo, pass } = await sentOne();
    pass(8 * DAY);
    await outbox.sendNow();
    if (lost === 'report') restore(council);
    else council.photos.delete(photo.id);
    pass(DAY);
    await outbox.sendNow();
    await outbox.sendNow();
    expect([...council.publicReports.keys()]).toEqual([report.id]);
    expect(outbox.items.value[0]).toMatchObject({ state: 'needs_you', refused: null, waiting: true });
    expect(outbox.items.value[0]?.note).toContain('no longer on this phone');
  });
});

describe('a resident’s save that finds no room', () => {
  /** A phone that holds no more than one photo. */
  const smallPhone = (): HardDb => new HardDb(fresh(), async (db) => (await db.count('photo_bytes')) > 0);

  it('works after all when a photo that the council has checked can give way', async () => {
    const { outbox, isHere } = await sentOne({ db: smallPhone() });
    const photo = await photoOf('newer evidence');
    await outbox.save(input(), [photo], {});
    expect(await isHere()).toBe(false);
    expect((await outbox.photo(photo.id))?.bytes).toEqual(photo.bytes);
    expect(outbox.items.value.map(({ state }) => state).sort()).toEqual(['safe', 'saved']);
  });

  it('is refused in plain words when none can, and takes nothing away', async () => {
    const { council, outbox, pass, isHere } = await sentOne({ db: smallPhone() });
    council.verifies = false;
    pass(DAY);
    await outbox.sendNow();
    const saving = outbox.save(input(), [await photoOf('newer evidence')], {});
    await expect(saving).rejects.toMatchObject({ reason: 'full', message: /^Phone nearly full: this is not saved yet/ });
    expect([await isHere(), outbox.items.value.length]).toEqual([true, 1]);
  });
});
