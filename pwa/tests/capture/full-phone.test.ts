import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Capture, type ResultDraft, createCapture } from '../../src/capture';
import { PICTURE_CACHE } from '../../src/shared/pictures';
import { Council } from '../council';
import { HardDb, openSignedIn, photoOf, reportInput } from '../outbox/phone';

const MB = 1024 * 1024;
const ROOM = 50 * MB;
let phones = 0;

/** What a phone's browser says of its storage, with what can be let go of on it. */
class Phone {
  free = 100 * MB;
  /** What the pictures kept of the council's take. */
  pictures = 0;
  /** What the council's check of a photo gives back. */
  checked = 0;
  full = false;
  readonly order: string[] = [];
  readonly page = new EventTarget();
  readonly persist = vi.fn(() => Promise.resolve(true));

  constructor() {
    const estimate = (): Promise<StorageEstimate> => Promise.resolve({ quota: 1_000 * MB, usage: 1_000 * MB - this.free });
    const storage = { estimate, persist: this.persist, persisted: () => Promise.resolve(false) };
    vi.stubGlobal('window', this.page);
    vi.stubGlobal('navigator', { storage, geolocation: undefined });
    vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
    vi.stubGlobal('caches', { delete: (name: string) => this.gone(name, 'pictures') });
  }

  async open() {
    const { outbox } = await openSignedIn(new Council(), '', { db: new HardDb(`full-phone-${phones++}`, () => this.full) });
    const freeChecked = async (): Promise<void> => {
      await outbox.freeChecked();
      await this.gone('checked photos', 'checked');
    };
    return { outbox, capture: createCapture({ ...outbox, freeChecked }) };
  }

  private gone(name: string, what: 'pictures' | 'checked'): Promise<boolean> {
    this.order.push(name);
    this.free += this[what];
    this[what] = 0;
    return Promise.resolve(true);
  }
}

let phone: Phone;
beforeEach(() => void (phone = new Phone()));
afterEach(() => vi.unstubAllGlobals());

const picture = (): File => new File([Uint8Array.of(0xff, 0xd8, 0xff, 1)], 'tip.jpg', { type: 'image/jpeg' });

async function open(capture: Capture): Promise<ResultDraft> {
  const result = await capture.result('j1', { kind: 'clear', label: null });
  if (result === null) throw new Error('a known job has a result to tell');
  return result;
}

/** Takes one photo in, for a job’s result. */
async function add(capture: Capture): Promise<void> {
  const result = await open(capture);
  expect(await result.addPhotos([picture()])).toEqual([]);
  expect(result.photos.value).toHaveLength(1);
}

describe('a phone that is nearly full', () => {
  it('says so as soon as a report is begun', async () => {
    phone.free = ROOM - 1;
    const { capture } = await phone.open();
    expect(capture.storage.value.words).toBeNull();
    capture.begin('fly_tip', 'fly_tip');
    await vi.waitFor(() => expect(capture.storage.value.words).toMatch(/^Phone nearly full: reports still save, new photos do not/));
  });

  it('takes no new photo in, says why, and still saves the report', async () => {
    phone.free = ROOM - 1;
    const { outbox, capture } = await phone.open();
    const draft = capture.begin('fly_tip', 'fly_tip');
    const said = [expect.stringMatching(/^Phone nearly full: the photo was not taken in. The report itself still saves/)];
    expect(await draft.addPhotos([picture()])).toEqual(said);
    expect(draft.photos.value).toEqual([]);
    const result = await open(capture);
    expect(await result.addPhotos([picture()])).toEqual(said);
    expect(result.photos.value).toEqual([]);
    await draft.save();
    expect(outbox.items.value).toMatchObject([{ id: draft.id, state: 'saved', photos: { expected: 0 } }]);
  });

  it('lets go of pictures that can be fetched again first, and of nothing more when that is enough', async () => {
    Object.assign(phone, { free: ROOM - MB, pictures: MB, checked: MB });
    const { capture } = await phone.open();
    await add(capture);
    expect(phone.order).toEqual([PICTURE_CACHE]);
  });

  it('then lets go of photos that the council has checked, and of none that wait', async () => {
    Object.assign(phone, { free: ROOM - 2 * MB, pictures: MB, checked: MB });
    const { outbox, capture } = await phone.open();
    const [sent, waits] = [await photoOf('sent'), await photoOf('waits')];
    await outbox.saveReport(reportInput(), [sent]);
    await outbox.sendNow();
    await outbox.saveReport(reportInput(), [waits]);
    await add(capture);
    expect([...new Set(phone.order)]).toEqual([PICTURE_CACHE, 'checked photos']);
    expect(await outbox.photo(sent.id)).toBeNull();
    expect(await outbox.photo(waits.id)).not.toBeNull();
  });
});

it('asks the browser to keep this phone’s storage once something was saved on it, and not before', async () => {
  const { capture } = await phone.open();
  const draft = capture.begin('fly_tip', 'fly_tip');
  await draft.addPhotos([picture()]);
  await draft.keep();
  phone.full = true;
  await expect(draft.save()).rejects.toMatchObject({ reason: 'full' });
  expect(phone.persist).not.toHaveBeenCalled();
  phone.full = false;
  await draft.save();
  await vi.waitFor(() => expect(phone.persist).toHaveBeenCalledOnce());
});

it('asks once a job’s result was saved, and when the app is installed', async () => {
  const { capture } = await phone.open();
  const result = await open(capture);
  expect(phone.persist).not.toHaveBeenCalled();
  await result.save(null);
  await vi.waitFor(() => expect(phone.persist).toHaveBeenCalledOnce());
  phone.page.dispatchEvent(new Event('appinstalled'));
  await vi.waitFor(() => expect(phone.persist).toHaveBeenCalledTimes(2));
});
