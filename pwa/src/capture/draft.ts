import { type ReadonlySignal, computed, signal } from '@preact/signals-core';

import { receiptCode } from '../shared/receipt';
import type { Id, Position, ReportCreate, Timestamp } from '../wire/types';
import { pickPhotos } from './photos';
import { typedPlace } from './place';
import type { DraftFields, PhotoView, PickedPhoto, PositionReading, ReportDraft, TypedPlace } from './types';

/** What the capture form needs of the outbox; the outbox fits as it is. */
export interface ReportKeeper {
  drafts: {
    put(row: { id: Id; updatedAt: Timestamp; fields: unknown }, photos: PickedPhoto[]): Promise<void>;
    get(id: Id): Promise<{ row: { id: Id; fields: unknown }; photos: PickedPhoto[] } | null>;
    list(): Promise<{ id: Id }[]>;
    remove(id: Id): Promise<void>;
  };
  saveReport(input: Omit<ReportCreate, 'photos' | 'extra'>, photos: PickedPhoto[], replaces?: Id | null): Promise<Saved>;
  /** The phone's own copy of a photo, or null when it has gone. */
  photo(id: Id): Promise<{ bytes: ArrayBuffer } | null>;
  /** Gives back the room of photos the council has checked. */
  freeChecked(): Promise<void>;
}

export interface Saved {
  opId: Id;
  entityId: Id;
  savedAt: Timestamp;
  receiptCode: string | null;
}

/** What is kept of a draft between two lives of the page. */
export interface KeptDraft {
  fields: DraftFields;
  chosen: ChosenPlace | null;
  /** The refused operation this says anew, when it could not keep its report's id. */
  replaces?: Id;
}

export interface ChosenPlace {
  position: Position;
  words: string;
}

export interface DraftParts {
  keeper: ReportKeeper;
  reading: ReadonlySignal<PositionReading>;
  now: () => number;
  thumbnail: (bytes: ArrayBuffer, mime: string) => Promise<string | null>;
  /** Whether new photos may come in. */
  hasRoom: () => Promise<boolean>;
  /** Called after a save that worked. */
  saved: (fields: DraftFields) => void;
}

/** A change is kept this long after the last one, in milliseconds. */
const KEEP_AFTER_MS = 500;

/** One report being made. Every change is kept on the phone, and nothing but `save` makes it a report. */
export class Draft implements ReportDraft {
  readonly id: Id;
  readonly receiptCode: string;
  readonly fields: ReadonlySignal<DraftFields>;
  readonly photos = signal<PhotoView[]>([]);
  readonly chosenPlace: ReadonlySignal<Position | null>;
  readonly position: ReadonlySignal<Position | null>;
  readonly positionWords: ReadonlySignal<string>;
  readonly wantsPin: ReadonlySignal<boolean>;
  readonly blocked: ReadonlySignal<string | null>;

  private readonly parts: DraftParts;
  private readonly state;
  private readonly chosen;
  private readonly replaces: Id | undefined;
  private picked: PickedPhoto[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  /** Photos are taken in one picking after the other, and a save waits for them: none is left out or counted twice. */
  private adding: Promise<unknown> = Promise.resolve();

  constructor(id: Id, kept: KeptDraft, parts: DraftParts) {
    this.id = id;
    this.receiptCode = receiptCode(id);
    this.parts = parts;
    this.state = signal(kept.fields);
    this.chosen = signal(kept.chosen);
    this.replaces = kept.replaces;
    this.fields = this.state;
    this.chosenPlace = computed(() => this.chosen.value?.position ?? null);
    this.position = computed(() => this.chosenPlace.value ?? parts.reading.value.position);
    this.positionWords = computed(() => this.chosen.value?.words ?? parts.reading.value.words);
    this.wantsPin = computed(() => this.chosen.value === null && parts.reading.value.wantsPin);
    this.blocked = computed(() => (this.state.value.category === '' ? 'Choose what it is, then save.' : null));
  }

  set(patch: Partial<DraftFields>): void {
    this.state.value = { ...this.state.peek(), ...patch };
    this.keepSoon();
  }

  toggle(field: 'waste' | 'hazards', code: string): void {
    const codes = this.state.peek()[field];
    this.set({ [field]: codes.includes(code) ? codes.filter((other) => other !== code) : [...codes, code] });
  }

  placePin(lat: number, lon: number): void {
    const position: Position = { lat, lon, accuracy_m: null, source: 'pin', fixed_at: this.at() };
    this.choose({ position, words: 'Pin you placed' });
  }

  typePlace(text: string): TypedPlace {
    const answer = typedPlace(text, new Date(this.parts.now()));
    if (answer.ok) this.choose({ position: answer.position, words: `${answer.gridReference}, typed` });
    return answer;
  }

  clearPlace(): void {
    this.choose(null);
  }

  async keep(): Promise<void> {
    clearTimeout(this.timer);
    if (this.closed) return;
    const replaces = this.replaces === undefined ? {} : { replaces: this.replaces };
    const kept: KeptDraft = { fields: this.state.peek(), chosen: this.chosen.peek(), ...replaces };
    await this.parts.keeper.drafts.put({ id: this.id, updatedAt: this.at(), fields: kept }, this.picked);
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

  async save(): Promise<Saved> {
    await this.adding;
    const fields = this.state.peek();
    if (this.blocked.peek() !== null) throw new Error('A report needs its kind and category');
    clearTimeout(this.timer);
    const input = { id: this.id, ...fields, position: this.position.peek() };
    const saved = await this.parts.keeper.saveReport(input, this.picked, this.replaces ?? null);
    this.close();
    this.parts.saved(fields);
    return saved;
  }

  async discard(): Promise<void> {
    this.close();
    await this.parts.keeper.drafts.remove(this.id);
  }

  /** Takes photos in, with small pictures for those this phone can draw. */
  async show(photos: PickedPhoto[]): Promise<void> {
    this.picked = [...this.picked, ...photos];
    for (const { id, bytes, mime } of photos) {
      const thumbUrl = await this.parts.thumbnail(bytes, mime);
      this.photos.value = [...this.photos.peek(), { id, size: bytes.byteLength, mime, thumbUrl }];
    }
  }

  private async add(files: Iterable<File>): Promise<string[]> {
    const { photos, messages } = await pickPhotos(files, this.picked, this.parts.hasRoom);
    await this.show(photos);
    try {
      await this.keep();
    } catch {
      // The report itself will say so if there is no room: a draft that cannot be kept must not stop it.
      messages.push('This phone is nearly full: the draft could not be kept. Save the report now.');
    }
    return messages;
  }

  private choose(place: ChosenPlace | null): void {
    this.chosen.value = place;
    this.keepSoon();
  }

  private keepSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.keep().catch(() => undefined), KEEP_AFTER_MS);
  }

  private close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.photos.peek().forEach(revoke);
  }

  private at(): Timestamp {
    return new Date(this.parts.now()).toISOString();
  }
}

/** Gives the small picture's memory back; answers false so that it can filter. */
function revoke({ thumbUrl }: PhotoView): false {
  if (thumbUrl !== null) URL.revokeObjectURL(thumbUrl);
  return false;
}
