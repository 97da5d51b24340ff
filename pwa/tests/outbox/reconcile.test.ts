import { describe, expect, it } from 'vitest';

import { Council, OTHER, USER } from '../council';
import { openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `reconcile-${phones++}`;
const DAY = 86_400_000;
const START = Date.parse('2026-11-20T08:00:00Z');

const asked = (council: Council): number => council.pathsOf('POST').filter((path) => path.endsWith('/reconcile')).length;

/** Last night's backup: what came since is gone, and the cursors of phones mean nothing any more. */
function restore(council: Council): void {
  council.applied.clear();
  council.photos.clear();
  council.uploads.clear();
  council.resetNext = true;
}

describe('checking with the council', () => {
  it('happens daily, when asked, and after a reset', async () => {
    let now = START;
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    const first = asked(council);
    now += DAY - 1;
    await outbox.sendNow();
    expect(asked(council)).toBe(first);
    now += 2;
    await outbox.sendNow();
    expect(asked(council)).toBe(first + 1);
    expect(await outbox.checkWithCouncil()).toMatchObject({ ok: true, asked: 1, again: 0, lost: 0 });
    expect(asked(council)).toBe(first + 2);
    council.resetNext = true;
    await outbox.sendNow();
    expect(asked(council)).toBe(first + 3);
    now -= 3 * DAY;
    await outbox.sendNow();
    expect(asked(council)).toBe(first + 4);
  });

  it('sends again what a restored council lost, once, bit for bit', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const photo = await photoOf('evidence');
    const { opId, entityId } = await outbox.saveReport(reportInput(), [photo]);
    const located = await outbox.locateReport(entityId, { lat: 52.5, lon: -1.5, accuracy_m: null, source: 'pin', fixed_at: '2026-11-20T07:10:00Z' });
    await outbox.sendNow();
    expect(outbox.items.value[0]?.state).toBe('safe');
    restore(council);
    await outbox.sendNow();
    await outbox.sendNow();
    expect([...council.applied.keys()]).toEqual([opId, located.opId]);
    expect(Buffer.from(council.photos.get(photo.id) ?? []).toString()).toBe('evidence');
    expect(outbox.items.value[0]).toMatchObject({ state: 'safe', waiting: false });
  });

  it('says so plainly when neither side has a photo any more', async () => {
    let now = START;
    const council = new Council();
    council.clock = () => now;
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    const photo = await photoOf('evidence');
    await outbox.saveReport(reportInput(), [photo]);
    await outbox.sendNow();
    now += 8 * DAY;
    await outbox.sendNow();
    expect(await outbox.photo(photo.id)).toBeNull();
    council.photos.clear();
    expect(await outbox.checkWithCouncil()).toMatchObject({ ok: true, lost: 1, again: 0 });
    expect(outbox.items.value[0]).toMatchObject({ state: 'needs_you', note: expect.stringContaining('no longer on this phone') as string });
    expect(await outbox.checkWithCouncil()).toMatchObject({ ok: true, lost: 0 });
  });

  it('keeps bytes whose check the council forgot', async () => {
    let now = START;
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    const photo = await photoOf('evidence');
    await outbox.saveReport(reportInput(), [photo]);
    await outbox.sendNow();
    expect(outbox.items.value[0]?.photos.verified).toBe(1);
    const bytes = council.photos.get(photo.id);
    council.photos.delete(photo.id);
    Object.defineProperty(council.photos, 'keys', { value: () => [].values() });
    await outbox.checkWithCouncil();
    now += 30 * DAY;
    await outbox.sendNow();
    expect(await outbox.photo(photo.id)).not.toBeNull();
    expect(council.photos.get(photo.id)).toEqual(bytes);
  });

  it('asks about this person’s things for as long as their lines are kept', async () => {
    let now = START;
    const council = new Council();
    council.clock = () => now;
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    expect(await outbox.checkWithCouncil()).toMatchObject({ asked: 1 });
    now += 29 * DAY;
    expect(await outbox.checkWithCouncil()).toMatchObject({ asked: 1 });
    now += 2 * DAY;
    await outbox.sendNow();
    expect(await outbox.checkWithCouncil()).toMatchObject({ asked: 0 });
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    council.user = OTHER;
    expect(await outbox.checkWithCouncil()).toMatchObject({ asked: 0 });
  });

  it('lets nothing of one person go because another’s things were compared', async () => {
    let now = START;
    const council = new Council();
    council.clock = () => now;
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    const photo = await photoOf('evidence');
    const { opId } = await outbox.saveReport(reportInput(), [photo]);
    await outbox.sendNow();
    expect(outbox.items.value[0]?.state).toBe('safe');
    council.user = OTHER;
    await outbox.sendNow();
    restore(council);
    now += 31 * DAY;
    await outbox.sendNow();
    council.user = USER;
    await outbox.sendNow();
    await outbox.sendNow();
    expect([...council.applied.keys()]).toEqual([opId]);
    expect(Buffer.from(council.photos.get(photo.id) ?? []).toString()).toBe('evidence');
  });

  it('tells when there was no answer, and tries again by itself', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.fault = () => 'portal';
    expect(await outbox.checkWithCouncil()).toMatchObject({ ok: false, message: expect.stringContaining('No signal') as string });
    council.fault = () => 'none';
    expect(await outbox.checkWithCouncil()).toMatchObject({ ok: true });
  });
});
