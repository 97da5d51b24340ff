import { type ReadonlySignal, signal } from '@preact/signals-core';

import type { Id, Timestamp } from '../wire/types';
import { pickPhotos } from './photos';
import type { PhotoView, PickedPhoto } from './types';

export interface DraftRow {
  id: Id;
  updatedAt: Timestamp;
  fields: unknown;
  /** The job whose result this is; without it, it is a report. */
  job?: Id;
}

/** Where drafts are kept; the outbox fits as it is. */
export interface DraftKeeper {
  put(row: DraftRow, photos: PickedPhoto[]): Promise<void>;
  get(id: Id): Promise<{ row: DraftRow; photos: PickedPhoto[] } | null>;
  /** Reports not yet saved, newest first. */
  list(): Promise<DraftRow[]>;
  /** Results of jobs not yet saved, newest first. */
  results(): Promise<DraftRow[]>;
  remove(id: Id): Promise<void>;
}

export interface StoredDraftParts {
  drafts: DraftKeeper;
  now: () => number;
  thumbnail: (bytes: ArrayBuffer, mime: string) => Promise<string | null>;
  /** Whether new photos may come in. */
  hasRoom: () => Promise<boolean>;
}

/** A change is kept this long after the last one, in milliseconds. */
const KEEP_AFTER_MS = 500;

/** Something being put together with its photos. Every change is kept on the phone, so that it outlives the page. */
export abstract class StoredDraft<Fields> {
  readonly id: Id;
  readonly fields: ReadonlySignal<Fields>;
  readonly photos = signal<PhotoView[]>([]);

  protected picked: PickedPhoto[] = [];
  /** Photos are taken in one picking after the other, and a save waits for them: none is left out or counted twice. */
  protected adding: Promise<unknown> = Promise.resolve();

  private readonly state;
  private readonly storage: StoredDraftParts;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private underWay = false;

  constructor(id: Id, fields: Fields, storage: StoredDraftParts) {
    this.id = id;
    this.storage = storage;
    this.state = signal(fields);
    this.fields = this.state;
  }

  /** What is kept beside the id and the time. */
  protected abstract kept(): Omit<DraftRow, 'id' | 'updatedAt'>;

  set(patch: Partial<Fields>): void {
    this.state.value = { ...this.state.peek(), ...patch };
    this.keepSoon();
  }

  async keep(): Promise<void> {
    clearTimeout(this.timer);
    if (this.closed || this.underWay) return;
    await this.storage.drafts.put({ id: this.id, updatedAt: this.at(), ...this.kept() }, this.picked);
  }

  addPhotos(files: Iterable<File>): Promise<string[]> {
    const added = this.adding.then(() => this.add(files));
    this.adding = added.catch(() => undefined);
    return added;
  }

  removePhoto(id: Id): void {
    this.picked = this.picked.filter((photo) => photo.id !== id);
    this.photos.value = this.photos.peek().filter((view) => view.id !== id || revoke(view));
    this.keepSoon();
  }

  async discard(): Promise<void> {
    this.close();
    await this.storage.drafts.remove(this.id);
  }

  /** Takes photos in, with small pictures for those this phone can draw. */
  async show(photos: PickedPhoto[]): Promise<void> {
    this.picked = [...this.picked, ...photos];
    for (const { id, bytes, mime } of photos) {
      const thumbUrl = await this.storage.thumbnail(bytes, mime);
      this.photos.value = [...this.photos.peek(), { id, size: bytes.byteLength, mime, thumbUrl }];
    }
  }

  protected keepSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.keep().catch(() => undefined), KEEP_AFTER_MS);
  }

  /** Keeps nothing while `save` runs, as a draft written after that would come back as a second one; at once if it failed. */
  protected async saving<T>(save: () => Promise<T>): Promise<T> {
    this.underWay = true;
    try {
      return await save();
    } catch (error) {
      this.underWay = false;
      await this.keep().catch(() => undefined);
      throw error;
    }
  }

  /** Nothing is kept any more: it was saved, or thrown away. */
  protected close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.photos.peek().forEach(revoke);
  }

  protected at(): Timestamp {
    return new Date(this.storage.now()).toISOString();
  }

  private async add(files: Iterable<File>): Promise<string[]> {
    const { photos, messages } = await pickPhotos(files, this.picked, this.storage.hasRoom);
    await this.show(photos);
    try {
      await this.keep();
    } catch {
      // Saving will say so if there is no room: a draft that cannot be kept must not stop it.
      messages.push('This phone is nearly full: the draft could not be kept. Save it now.');
    }
    return messages;
  }
}

/** Gives the small picture's memory back; answers false so that it can filter. */
function revoke({ thumbUrl }: PhotoView): false {
  if (thumbUrl !== null) URL.revokeObjectURL(thumbUrl);
  return false;
}
