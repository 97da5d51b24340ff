import { LONGEST_CALL_MS, Refused } from '../wire/client';
import { ChunkSize, type TusClient, TusUpload } from '../wire/tus';
import type { PhotoRow } from './schema';
import type { OutboxStore } from './store';

/** Longer than any call is waited for, so that a live sender never loses its rows to another. */
export const LEASE_MS = LONGEST_CALL_MS + 30_000;

/** The phone changed hands: the server's session is not of the person whose things were sent. */
export const OTHER_PERSON = 'other_person';

export interface PhotoSenderParts {
  store: OutboxStore;
  /** Phone clock in milliseconds. */
  now: () => number;
  /** Called after each step that changed stored rows. */
  changed: () => Promise<void>;
}

/** One photo's way up, whoever sends it, and what each answer means for it. */
export class PhotoSender {
  private readonly parts: PhotoSenderParts;
  private readonly chunk = new ChunkSize();

  constructor(parts: PhotoSenderParts) {
    this.parts = parts;
  }

  /** Sends a leased photo; true once every byte has arrived. Throws what concerns more than this photo. */
  async send(photo: PhotoRow, client: TusClient, goOn: () => boolean): Promise<boolean> {
    const { store } = this.parts;
    const stored = await store.photo(photo.id);
    if (stored?.bytes.byteLength !== photo.bytes) {
      const problem = 'This phone can no longer read this photo. The report is not affected.';
      await store.changePhoto(photo.id, { state: 'needs_you', problem, leaseUntil: 0 });
      return false;
    }
    const onOffset = async (offset: number): Promise<void> => {
      if (offset === photo.bytes) return; // it is written below, with what becomes of the photo
      await store.changePhoto(photo.id, { sent: offset, leaseUntil: this.parts.now() + LEASE_MS });
      await this.parts.changed();
    };
    const upload = new TusUpload(client, { photoId: photo.id, bytes: stored.bytes, offset: photo.sent, onOffset, goOn }, this.chunk);
    try {
      const whole = await upload.run();
      await store.changePhoto(photo.id, whole ? { state: 'uploaded', sent: photo.bytes, problem: null, leaseUntil: 0 } : { leaseUntil: 0 });
      return whole;
    } catch (error) {
      await this.failed(photo, error);
      return false;
    }
  }

  /** Of all answers two are final: too large and empty. Silence, sign-in and the phone's standing concern every photo. */
  private async failed(photo: PhotoRow, error: unknown): Promise<void> {
    const { store } = this.parts;
    if (!(error instanceof Refused) || concernsThePhone(error)) {
      await store.changePhoto(photo.id, { leaseUntil: 0 });
      throw error;
    }
    const { code, status, title, detail } = error.problem;
    if (status === 413 || code === 'photo_empty') {
      await store.changePhoto(photo.id, { state: 'needs_you', problem: detail ?? title, leaseUntil: 0 });
      return;
    }
    const message = code === 'photo_not_expected' ? null : (detail ?? title);
    await store.putOffPhoto(photo, error.retryAfterS, message);
  }
}

/** Not about one thing that was sent: about the session, the pace, whose phone this is, or whether it is on the list. */
export function concernsThePhone({ status, problem }: Refused): boolean {
  return status === 401 || status === 429 || problem.code === OTHER_PERSON || problem.code.startsWith('device_');
}
