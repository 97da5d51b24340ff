import { afterEach, describe, expect, it, vi } from 'vitest';

import { createPublicOutbox } from '../../src/outbox/public';
import { Council } from '../council';
import { MortalDb, cannotRead, oneLock, openPage, openSignedIn, photoOf, reportInput } from './phone';

/** How photos go up: one after the other, from where they got to, and from one tab only. */

let phones = 0;
const fresh = (): string => `way-${phones++}`;
const START = Date.parse('2026-11-20T08:00:00Z');
const FIRST_PIECE = 256 * 1024;

afterEach(() => void vi.restoreAllMocks());

const isUpload = (path: string): boolean => path.includes('/uploads');
const pathsOf = (council: Council): string[] => council.calls.map(({ path }) => path).filter((path) => isUpload(path) || path.endsWith('/push') || path.endsWith('/reports'));

/** The wire, on which the uploads that `holds` names are never answered: what a page sees that dies meanwhile. */
function silentFor(council: Council, holds: (upload: number) => boolean): typeof council.fetch {
  let uploads = 0;
  return (input, init) => (isUpload(input as string) && holds(++uploads) ? new Promise(() => undefined) : council.fetch(input, init));
}

describe('a photo of several pieces', () => {
  it('goes on after its page was killed from where it got to, and shows how far that is', async () => {
    const council = new Council();
    const name = fresh();
    const dying = await openSignedIn(council, name, { fetch: silentFor(council, (upload) => upload > 1) });
    const photo = await photoOf('x'.repeat(600_000));
    await dying.outbox.saveReport(reportInput(), [photo]);
    void dying.outbox.sendNow();
    await expect.poll(() => dying.outbox.items.value[0]?.photoList[0]).toMatchObject({ state: 'sending', sent: FIRST_PIECE });
    await dying.db.close();

    const { outbox } = await openPage(council, name);
    expect(outbox.items.value[0]?.photoList).toMatchObject([{ bytes: 600_000, sent: FIRST_PIECE }]);
    expect(outbox.items.value[0]?.photos).toMatchObject({ bytes: 600_000, bytesSent: FIRST_PIECE });
    const before = council.calls.length;
    await outbox.sendNow();
    const rest = council.calls.slice(before).filter(({ path }) => isUpload(path));
    expect(rest.map(({ method }) => method)).not.toContain('POST');
    expect(rest.reduce((sum, { body }) => sum + (body as ArrayBuffer).byteLength, 0)).toBe(600_000 - FIRST_PIECE);
    expect(Buffer.compare(council.photos.get(photo.id) ?? Buffer.of(), new Uint8Array(photo.bytes))).toBe(0);
    expect(outbox.items.value[0]?.photos.bytesSent).toBe(600_000);
  });
});

describe('two tabs of a browser without locks', () => {
  it('never send the same photo at once, until the lease of a dead one has run out', async () => {
    let now = START;
    const council = new Council();
    const given = { locks: undefined, now: () => now };
    const name = fresh();
    const dying = await openSignedIn(council, name, { ...given, fetch: silentFor(council, () => true) });
    const photo = await photoOf('evidence');
    await dying.outbox.saveReport(reportInput(), [photo]);
    void dying.outbox.sendNow();
    await expect.poll(() => dying.outbox.items.value[0]?.photoList[0]?.state).toBe('sending');
    const { outbox } = await openPage(council, name, given);
    await outbox.sendNow();
    now = START + 180_000 - 1;
    await outbox.sendNow();
    expect(pathsOf(council).filter(isUpload)).toEqual([]);
    now += 1;
    await outbox.sendNow();
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
  });

  it('leave a photo to the tab that still sends it, however long that takes', async () => {
    let now = START;
    const council = new Council();
    const given = { locks: undefined, now: () => now };
    const name = fresh();
    const fetch = silentFor(council, (upload) => {
      if (upload > 1) return true;
      now += 50_000;
      return false;
    });
    const slow = await openSignedIn(council, name, { ...given, fetch });
    await slow.outbox.saveReport(reportInput(), [await photoOf('x'.repeat(600_000))]);
    void slow.outbox.sendNow();
    await expect.poll(() => slow.outbox.items.value[0]?.photoList[0]?.sent).toBe(FIRST_PIECE);
    now = START + 50_000 + 180_000 - 1;
    const { outbox } = await openPage(council, name, given);
    await outbox.sendNow();
    expect(pathsOf(council).filter(isUpload)).toHaveLength(1);
    now += 1;
    await outbox.sendNow();
    expect(council.photos.size).toBe(1);
  });
});

describe('a photo that the browser can no longer read', () => {
  /** Two photos, the smaller of which, the first to go, cannot be read. */
  async function withOneSpoilt(error: DOMException, times?: number) {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const [spoilt, good] = [await photoOf('1'), await photoOf('22')];
    await outbox.saveReport(reportInput(), [spoilt, good]);
    cannotRead('photo_bytes', spoilt.id, error, times);
    await outbox.sendNow();
    return { council, outbox, spoilt, good };
  }

  it.each(['DataError', 'NotReadableError', 'UnknownError'])('needs a person, and those after it go on (%s)', async (name) => {
    const { council, outbox, spoilt, good } = await withOneSpoilt(new DOMException('Failed to read large IndexedDB value', name));
    expect([...council.photos.keys()]).toEqual([good.id]);
    expect(outbox.reach.value).toBe('reached');
    expect(outbox.items.value[0]?.photoList.find(({ id }) => id === spoilt.id)).toMatchObject({
      state: 'needs_you', problem: 'This phone can no longer read this photo. The report is not affected.',
    });
    expect(await outbox.photo(spoilt.id)).toBeNull();
  });

  it('is not one that could not be read because the connection was lost', async () => {
    const { council, spoilt, good } = await withOneSpoilt(new DOMException('Connection to Indexed Database server lost', 'UnknownError'), 1);
    expect([...council.photos.keys()]).toEqual([spoilt.id, good.id]);
  });

  it('is not called so while storage answers nothing at all', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const photo = await photoOf('1');
    await outbox.saveReport(reportInput(), [photo]);
    const lost = new DOMException('Connection to Indexed Database server lost', 'UnknownError');
    cannotRead('photo_bytes', photo.id, lost);
    vi.spyOn(IDBObjectStore.prototype, 'getKey').mockImplementation(() => {
      throw lost;
    });
    await outbox.sendNow();
    expect(outbox.items.value[0]?.photoList).toMatchObject([{ problem: null }]);
    vi.restoreAllMocks();
    await outbox.sendNow();
    expect(council.photos.size).toBe(1);
  });
});

describe('text saved while photos go', () => {
  /** Does something while the first photo is on its way; counts how many photos ever were at once. */
  function meanwhile(council: Council, act: () => Promise<unknown>) {
    let [first, going, most] = [true, 0, 0];
    const fetch: typeof council.fetch = async (input, init) => {
      if (!isUpload(input as string)) return council.fetch(input, init);
      most = Math.max(most, ++going);
      if (first) {
        first = false;
        await act();
      }
      return council.fetch(input, init).finally(() => void (going -= 1));
    };
    return { fetch, most: () => most };
  }

  it('goes before the next photo, and photos go one at a time', async () => {
    const council = new Council();
    const saving = meanwhile(council, () => outbox.saveReport(reportInput(), []));
    const { outbox } = await openSignedIn(council, fresh(), { fetch: saving.fetch });
    await outbox.saveReport(reportInput(), [await photoOf('1'), await photoOf('22')]);
    await outbox.sendNow();
    expect(pathsOf(council)).toEqual(['/api/v1/sync/push', '/api/v1/uploads', '/api/v1/sync/push', '/api/v1/uploads']);
    expect([saving.most(), council.applied.size, council.photos.size]).toEqual([1, 2, 2]);
  });

  it('goes before a resident’s next photo too', async () => {
    const council = new Council();
    const report = () => ({ ...reportInput(), authority: 'demo', where: '', contact: { name: null, email: null, phone: null }, extra: {} });
    const saving = meanwhile(council, () => outbox.save(report(), [], {}));
    const channel = { postMessage: () => undefined, onmessage: null };
    const outbox = createPublicOutbox({
      fetch: saving.fetch, now: Date.now, random: () => 0.5, locks: oneLock(), channel, db: new MortalDb(fresh()),
    });
    await outbox.save(report(), [await photoOf('1'), await photoOf('22')], {});
    await outbox.sendNow();
    const [text, upload] = ['/api/v1/public/reports', '/api/v1/uploads'];
    expect(pathsOf(council)).toEqual([text, upload, text, upload]);
    expect(saving.most()).toBe(1);
  });
});
