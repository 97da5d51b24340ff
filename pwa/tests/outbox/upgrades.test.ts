import { openDB } from 'idb';
import { describe, expect, it } from 'vitest';

import { Db } from '../../src/outbox';
import { sha256, sha256Text } from '../../src/shared/sha256';
import { AUTHORITY, Council, USER } from '../council';
import { openPage, openSignedIn, reportInput } from './phone';

/** Storage as the first version made it, down to the last member: it is on phones, and never changes again. */
async function firstVersion(name: string): Promise<{ opId: string; photoId: string }> {
  const db = await openDB(name, 1, {
    upgrade: (made) => {
      made.createObjectStore('meta');
      made.createObjectStore('ops', { keyPath: 'op_id' }).createIndex('entity', 'entity_id');
      made.createObjectStore('photos', { keyPath: 'id' });
      made.createObjectStore('photo_bytes', { keyPath: 'id' });
      made.createObjectStore('drafts', { keyPath: 'id' });
      made.createObjectStore('draft_photos', { keyPath: 'id' }).createIndex('draft', 'draftId');
      for (const store of ['report', 'case', 'job', 'hotspot']) made.createObjectStore(store, { keyPath: 'id' });
    },
  });
  const bytes = new TextEncoder().encode('an old photo').buffer;
  const [opId, photoId, reportId] = ['a3f0c2d4-1111-4a4a-8b8b-000000000001', 'a3f0c2d4-2222-4a4a-8b8b-000000000002', 'a3f0c2d4-3333-4a4a-8b8b-000000000003'];
  const hash = await sha256(bytes);
  const photo = { id: photoId, sha256: hash, bytes: bytes.byteLength, mime: 'image/jpeg' };
  const payload = JSON.stringify({ ...reportInput({ id: reportId }), photos: [photo], extra: {} });
  await db.put('meta', { user: USER, authority: AUTHORITY, paused: false }, 'session');
  await db.put('meta', { id: 'a3f0c2d4-4444-4a4a-8b8b-000000000004', label: 'Android, Chrome' }, 'device');
  await db.put('meta', 1, 'seq');
  await db.put('meta', { userId: USER.id, authorityId: AUTHORITY.id, cursor: '0', asOf: '2026-11-20T06:00:00Z' }, 'cursor');
  await db.put('ops', {
    op_id: opId, seq: 1, type: 'report.create', entity_id: reportId, base_rev: null, after: null, schema: 1, payload,
    payload_sha256: await sha256Text(payload), device_time: '2026-11-20T06:42:00Z', tz_offset_min: 0, clock_offset_ms: null,
    userId: USER.id, authorityId: AUTHORITY.id, savedAt: '2026-11-20T06:42:00Z', state: 'queued', rev: null, problem: null,
    verdict: null, receivedAt: null, ackedAt: null, attempts: 0, nextAt: 0, leaseUntil: 0,
  });
  await db.put('photos', {
    ...photo, opId, userId: USER.id, state: 'waiting', sent: 0, problem: null, verifiedAt: null, purgedAt: null, attempts: 0,
    nextAt: 0, leaseUntil: 0,
  });
  await db.put('photo_bytes', { id: photoId, bytes });
  await db.put('drafts', { id: 'a3f0c2d4-5555-4a4a-8b8b-000000000005', updatedAt: '2026-11-20T06:50:00Z', fields: { note: 'half' } });
  await db.put('draft_photos', { id: 'dp', draftId: 'a3f0c2d4-5555-4a4a-8b8b-000000000005', bytes, sha256: hash, mime: 'image/jpeg', takenAt: null });
  await db.put('case', { id: 'c1', rev: 1, row: { reference: 'NW-26-00001' } });
  db.close();
  return { opId, photoId };
}

describe('storage of the first version', () => {
  it('opens with everything in it, and what waited goes', async () => {
    const { opId, photoId } = await firstVersion('upgrade-0');
    const council = new Council();
    const { outbox } = await openPage(council, 'upgrade-0');
    expect(outbox.session.value).toMatchObject({ status: 'signed_in', user: USER });
    expect(outbox.items.value).toMatchObject([{ state: 'saved', waiting: true, refused: null, photos: { expected: 1 } }]);
    expect(outbox.data.cases.value).toMatchObject([{ id: 'c1', reference: 'NW-26-00001' }]);
    const [draft] = await outbox.drafts.list();
    expect(draft).toMatchObject({ fields: { note: 'half' }, userId: USER.id });
    expect((await outbox.drafts.get(draft?.id ?? ''))?.photos).toHaveLength(1);
    await outbox.sendNow();
    expect([...council.applied.keys()]).toEqual([opId]);
    expect(Buffer.from(council.photos.get(photoId) ?? []).toString()).toBe('an old photo');
    await outbox.signIn('other@demo.example', 'right');
    expect(outbox.others.value).toEqual([]);
  });

  it('waits for an old page to let go of it, and says what to do meanwhile', async () => {
    await firstVersion('upgrade-1');
    const old = await openDB('upgrade-1', 1);
    const db = new Db('upgrade-1');
    const opening = db.run((handle) => handle.count('ops'));
    await expect.poll(() => db.hindrance.value).toBe('older_page');
    old.close();
    expect(await opening).toBe(1);
    expect(db.hindrance.value).toBeNull();
    await db.close();
  });
});

it('steps aside for a newer version, and then says that this page is the old one', async () => {
  const council = new Council();
  const { outbox } = await openSignedIn(council, 'upgrade-2');
  await outbox.saveReport(reportInput(), []);
  const newer = await openDB('upgrade-2', 99, { upgrade: (db) => db.createObjectStore('from_the_future') });
  expect(await newer.count('ops')).toBe(1);
  await expect(outbox.saveReport(reportInput(), [])).rejects.toMatchObject({ name: 'SaveError' });
  expect(outbox.notice.value).toMatch(/newer Tipwatch is on this phone/);
  newer.close();
});
