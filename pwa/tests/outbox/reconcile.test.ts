import { describe, expect, it } from 'vitest';

import { newId } from '../../src/shared/ids';
import type { ReconcileRequest } from '../../src/wire/types';
import { Council, OTHER, USER } from '../council';
import { type Phone, openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `reconcile-${phones++}`;
const DAY = 86_400_000;
const START = Date.parse('2026-11-20T08:00:00Z');

const asked = (council: Council): number => council.pathsOf('POST').filter((path) => path.endsWith('/reconcile')).length;

/** Makes of the one report that this phone has handed over so many, with photos whose bytes have gone but the first one's. */
async function handedOver(db: Phone['db'], many: { ops: number; photos: number }) {
  const [[op], [photo]] = await db.run((handle) => Promise.all([handle.getAll('ops'), handle.getAll('photos')]));
  if (op === undefined || photo === undefined) throw new Error('nothing was handed over');
  const ops = Array.from({ length: many.ops }, (_, i) => ({ ...op, seq: i + 1, op_id: i === 0 ? op.op_id : `op-${i}`, entity_id: i === 0 ? op.entity_id : newId() }));
  const photos = Array.from({ length: many.photos }, (_, i) => ({ ...photo, id: i === 0 ? photo.id : `photo-${i}` }));
  await db.run(async (handle) => {
    const tx = handle.transaction(['ops', 'photos'], 'readwrite');
    await Promise.all([...ops.map((row) => tx.objectStore('ops').put(row)), ...photos.map((row) => tx.objectStore('photos').put(row)), tx.done]);
  });
  return db.run(async (handle) => ({ ops: await handle.getAll('ops'), photos: await handle.getAll('photos') }));
}

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

  it('asks in portions about more than a thousand things of either kind, and leaves none out', async () => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), [await photoOf('evidence')]);
    await outbox.sendNow();
    const { ops, photos } = await handedOver(db, { ops: 1_001, photos: 2_001 });
    for (const op of ops) council.applied.set(op.op_id, op);
    for (const { id } of photos) council.photos.set(id, new TextEncoder().encode('evidence'));
    const before = council.calls.length;
    for (const lost of [1, 1_000]) council.applied.delete(ops[lost]?.op_id ?? '');
    for (const lost of [0, 999, 1_000, 2_000]) council.photos.delete(photos[lost]?.id ?? '');
    expect(await outbox.checkWithCouncil()).toMatchObject({ ok: true, asked: 3_002, again: 3, lost: 3 });
    const portions = council.calls.slice(before).filter(({ path }) => path.endsWith('/reconcile')).map(({ body }) => JSON.parse(body as string) as ReconcileRequest);
    expect(portions.map(({ op_ids, photo_ids }) => [op_ids.length, photo_ids.length])).toEqual([[1_000, 1_000], [1, 1_000], [0, 1]]);
    expect(new Set(portions.flatMap(({ op_ids }) => op_ids)).size).toBe(1_001);
    expect(new Set(portions.flatMap(({ photo_ids }) => photo_ids)).size).toBe(2_001);
    expect(council.applied.size).toBe(1_001);
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
