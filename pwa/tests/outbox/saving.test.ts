import { afterEach, describe, expect, it, vi } from 'vitest';

import { Db, type NewPhoto } from '../../src/outbox';
import type { Handle } from '../../src/outbox/db';
import type { BytesRow, OpRow } from '../../src/outbox/schema';
import { sha256Text } from '../../src/shared/sha256';
import { Council } from '../council';
import { alterWrites, cannotRead, failOnce, openPage, openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `saving-${phones++}`;

afterEach(() => void vi.restoreAllMocks());

const spoilt = (): never => {
  throw new DOMException('The disk has failed', 'DataError');
};

describe('saving on the phone', () => {
  it('says saved only after a strict commit, and shows the receipt code at once', async () => {
    const strict = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const { outbox } = await openSignedIn(new Council(), fresh());
    const input = reportInput({ id: '0b9f3c52-7d1e-4c0a-9a44-6f2f0b1f7a10' });
    const saved = await outbox.saveReport(input, [await photoOf('one')]);
    expect(saved.receiptCode).toBe('1EFKR-MKX3S');
    expect(strict.mock.calls.some(([, mode, options]) => mode === 'readwrite' && options?.durability === 'strict')).toBe(true);
    expect(outbox.items.value).toMatchObject([
      { id: input.id, state: 'saved', words: 'Saved on this phone', receiptCode: '1EFKR-MKX3S', waiting: true, note: null },
    ]);
    expect(outbox.waiting.value).toBe(1);
    strict.mockRestore();
  });

  it('keeps the exact text it hashed, and the photo’s bytes unchanged', async () => {
    const { outbox, db } = await openSignedIn(new Council(), fresh());
    const photo = await photoOf('\u0000ÿ picture');
    const { opId } = await outbox.saveReport(reportInput(), [photo]);
    const op = await db.run((handle) => handle.get('ops', opId));
    expect(await sha256Text(op?.payload ?? '')).toBe(op?.payload_sha256);
    expect(JSON.parse(op?.payload ?? '')).toMatchObject({ photos: [{ id: photo.id, sha256: photo.sha256, taken_at: photo.takenAt }] });
    expect(new Uint8Array((await outbox.photo(photo.id))?.bytes ?? new ArrayBuffer())).toEqual(new Uint8Array(photo.bytes));
  });

  it('numbers operations one after the other, also when two are saved at once', async () => {
    const { outbox, db } = await openSignedIn(new Council(), fresh());
    await Promise.all([1, 2, 3, 4].map(() => outbox.saveReport(reportInput(), [])));
    const rows = await db.run((handle) => handle.getAll('ops'));
    expect(rows.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4]);
  });

  it('does not call saved what reads back differently, and keeps none of it', async () => {
    const { outbox, db } = await openSignedIn(new Council(), fresh());
    const broken: NewPhoto = { ...(await photoOf('what was picked')), sha256: 'e'.repeat(64) };
    await expect(outbox.saveReport(reportInput(), [broken])).rejects.toMatchObject({ name: 'SaveError', reason: 'changed' });
    expect(await db.run((handle) => handle.count('ops'))).toBe(0);
    expect(await db.run((handle) => handle.count('photo_bytes'))).toBe(0);
  });

  it.each([
    ['a photo’s bytes', 'photo_bytes', (row: BytesRow) => ({ ...row, bytes: new TextEncoder().encode('what was bent').buffer })],
    ['half a photo', 'photo_bytes', (row: BytesRow) => ({ ...row, bytes: row.bytes.slice(0, 6) })],
    ['the text', 'ops', (row: OpRow) => ({ ...row, payload: row.payload.replace('Fridge', 'Fringe') })],
  ] as [string, string, (row: BytesRow | OpRow) => BytesRow | OpRow][])('says plainly that it is not saved when storage altered %s', async (_, store, bent) => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const [input, photo] = [reportInput(), await photoOf('what was kept')];
    await outbox.drafts.put({ id: input.id, updatedAt: input.seen_at, fields: {} }, [photo]);
    const storage = alterWrites(store, bent);
    await expect(outbox.saveReport(input, [photo])).rejects.toMatchObject({ reason: 'changed', message: /did not keep .* exactly/ });
    storage.mockRestore();
    expect(outbox.items.value).toEqual([]);
    expect(await outbox.drafts.list()).toHaveLength(1);
    await outbox.sendNow();
    expect(council.applied.size).toBe(0);
    await outbox.saveReport(input, [photo]);
    await outbox.sendNow();
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
  });

  it.each([
    ['', () => undefined],
    [', also when it cannot be taken back at once', () => void vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(spoilt)],
  ])('sends nothing of what could not be read back%s', async (_, alsoFails) => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    const [input, photo] = [reportInput(), await photoOf('what was kept')];
    await outbox.drafts.put({ id: input.id, updatedAt: input.seen_at, fields: {} }, [photo]);
    cannotRead('photo_bytes', photo.id, new DOMException('Failed to read large IndexedDB value', 'DataError'));
    alsoFails();
    await expect(outbox.saveReport(input, [photo])).rejects.toMatchObject({ name: 'SaveError', reason: 'storage' });
    vi.restoreAllMocks();
    await outbox.sendNow();
    expect(council.applied.size).toBe(0);
    expect(await outbox.drafts.list()).toHaveLength(1);
    const { opId } = await outbox.saveReport(input, [photo]);
    expect((await db.run((handle) => handle.getAll('ops'))).map(({ op_id }) => op_id)).toEqual([opId]);
    await outbox.sendNow();
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
  });

  it('takes back what it could not read back before it saves the same again', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const photo = await photoOf('what was kept');
    cannotRead('photo_bytes', photo.id, new DOMException('Failed to read large IndexedDB value', 'DataError'));
    vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(spoilt);
    await expect(outbox.saveJobResult('j1', { result: 'done', photos: [photo] })).rejects.toMatchObject({ reason: 'storage' });
    vi.restoreAllMocks();
    const { opId } = await outbox.saveJobResult('j1', { result: 'done', photos: [photo] });
    await outbox.sendNow();
    expect([...council.applied.keys()]).toEqual([opId]);
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
  });

  it.each(['removing its draft', 'reading the rows again', 'telling the other tabs'])('is saved, once, whatever fails after that: %s', async (what) => {
    const council = new Council();
    const channel = { postMessage: vi.fn(), onmessage: null };
    const { outbox, db } = await openSignedIn(council, fresh(), { channel });
    if (what === 'removing its draft') vi.spyOn(outbox.drafts, 'remove').mockRejectedValueOnce(new DOMException('no', 'DataError'));
    if (what === 'reading the rows again') failOnce('getAll', 'photos');
    if (what === 'telling the other tabs') channel.postMessage.mockImplementationOnce(spoilt);
    const { opId } = await outbox.saveReport(reportInput(), []);
    expect((await db.run((handle) => handle.getAll('ops'))).map(({ op_id }) => op_id)).toEqual([opId]);
    await outbox.sendNow();
    expect([...council.applied.keys()]).toEqual([opId]);
  });

  it('says in plain words that the phone is full, and the draft stays', async () => {
    class FullDb extends Db {
      full = false;
      override run<T>(work: (db: Handle) => Promise<T>): Promise<T> {
        return this.full ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : super.run(work);
      }
    }
    const db = new FullDb(fresh());
    const { outbox } = await openSignedIn(new Council(), '', { db });
    const input = reportInput();
    await outbox.drafts.put({ id: input.id, updatedAt: input.seen_at, fields: { a: 1 } }, []);
    db.full = true;
    await expect(outbox.saveReport(input, [])).rejects.toMatchObject({ reason: 'full', message: /^Phone nearly full/ });
    db.full = false;
    expect(await outbox.drafts.list()).toHaveLength(1);
  });

  it('says at once when the browser keeps nothing at all', async () => {
    class NoDb extends Db {
      override run<T>(): Promise<T> {
        return Promise.reject(new DOMException('denied', 'SecurityError'));
      }
    }
    const { outbox } = await openPage(new Council(), '', { db: new NoDb('') });
    expect(outbox.session.value).toEqual({ status: 'signed_out' });
    expect(outbox.notice.value).toMatch(/keeps nothing/);
    await expect(outbox.saveReport(reportInput(), [])).rejects.toMatchObject({ reason: 'storage' });
  });

  it('needs to know whose report it is', async () => {
    const { outbox } = await openPage(new Council(), fresh());
    await expect(outbox.saveReport(reportInput(), [])).rejects.toMatchObject({ reason: 'signed_out' });
  });

  it('opens storage again when the system has closed it', async () => {
    const { outbox, db } = await openSignedIn(new Council(), fresh());
    await db.run((handle) => {
      handle.close();
      return Promise.resolve();
    });
    await expect(outbox.saveReport(reportInput(), [])).resolves.toBeDefined();
    expect(outbox.items.value).toHaveLength(1);
  });

  it('links a later position to its report, and a note to what is still queued on its job', async () => {
    const { outbox, db } = await openSignedIn(new Council(), fresh());
    const input = reportInput({ position: null });
    const created = await outbox.saveReport(input, []);
    expect(outbox.items.value[0]).toMatchObject({ needsPlace: true, note: 'Pick the place' });
    const pin = { lat: 52.5, lon: -1.5, accuracy_m: null, source: 'pin', fixed_at: '2026-11-20T07:10:00Z' } as const;
    const located = await outbox.locateReport(input.id, pin);
    const result = await outbox.saveJobResult('job-1', { result: 'done' });
    const note = await outbox.saveNote({ job: 'job-1' }, 'Gate locked');
    const rows = new Map((await db.run((handle) => handle.getAll('ops'))).map((row) => [row.op_id, row]));
    expect(rows.get(located.opId)?.after).toBe(created.opId);
    expect(rows.get(note.opId)?.after).toBe(result.opId);
    expect(outbox.items.value).toHaveLength(3);
    const report = outbox.items.value.find(({ id }) => id === input.id);
    expect(report).toMatchObject({ needsPlace: false, note: null, report: { position: pin } });
  });
});

describe('drafts', () => {
  it('survive the page, photos and all, and go when their report is saved', async () => {
    const name = fresh();
    const first = await openSignedIn(new Council(), name);
    const input = reportInput();
    const [one, two] = [await photoOf('one'), await photoOf('two')];
    await first.outbox.drafts.put({ id: input.id, updatedAt: '2026-11-20T06:42:00Z', fields: { note: 'a' } }, [one, two]);
    await first.outbox.drafts.put({ id: input.id, updatedAt: '2026-11-20T06:43:00Z', fields: { note: 'b' } }, [two]);
    await first.db.close();

    const { outbox } = await openPage(new Council(), name);
    const [row] = await outbox.drafts.list();
    const kept = await outbox.drafts.get(row?.id ?? '');
    expect(kept?.row.fields).toEqual({ note: 'b' });
    expect(kept?.photos.map(({ id }) => id)).toEqual([two.id]);
    await outbox.saveReport(input, kept?.photos ?? []);
    expect(await outbox.drafts.list()).toEqual([]);
    expect(await outbox.drafts.get(input.id)).toBeNull();
  });

  it('are never offered again once their report was saved, even if the page died in between', async () => {
    const { outbox } = await openSignedIn(new Council(), fresh());
    const input = reportInput();
    await outbox.saveReport(input, []);
    await outbox.drafts.put({ id: input.id, updatedAt: input.seen_at, fields: {} }, []);
    expect(await outbox.drafts.list()).toEqual([]);
  });

  it('of a job’s result are a kind of their own, and are offered until that result was saved', async () => {
    const { outbox } = await openSignedIn(new Council(), fresh());
    const row = { id: 'd1', job: 'j1', updatedAt: '2020-01-01T00:00:00Z', fields: { result: 'done' } };
    await outbox.drafts.put(row, [await photoOf('after')]);
    expect(await outbox.drafts.list()).toEqual([]);
    expect(await outbox.drafts.results()).toMatchObject([row]);
    await outbox.saveJobResult('j2', { result: 'done' });
    expect(await outbox.drafts.results()).toHaveLength(1);
    await outbox.saveJobResult('j1', { result: 'done' });
    expect(await outbox.drafts.results()).toEqual([]);
    await outbox.drafts.put({ ...row, id: 'd2', updatedAt: '2999-01-01T00:00:00Z' }, []);
    expect((await outbox.drafts.results()).map(({ id }) => id)).toEqual(['d2']);
  });

  it('are never sent', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.drafts.put({ id: reportInput().id, updatedAt: '2026-11-20T06:42:00Z', fields: {} }, [await photoOf('x')]);
    await outbox.sendNow();
    expect(council.calls.some(({ path }) => path.endsWith('/push') || path.includes('/uploads'))).toBe(false);
  });
});
