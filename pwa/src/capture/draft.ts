import { type ReadonlySignal, computed, signal } from '@preact/signals-core';

import { receiptCode } from '../shared/receipt';
import type { Id, Position, ReportCreate, Timestamp } from '../wire/types';
import { type DraftKeeper, type DraftRow, StoredDraft, type StoredDraftParts } from './stored-draft';
import type { DraftFields, PickedPhoto, PositionReading, ReportDraft, TypedPlace } from './types';

/** What the capture form needs of the outbox; the outbox fits as it is. */
export interface ReportKeeper {
  drafts: DraftKeeper;
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

export interface DraftParts extends StoredDraftParts {
  keeper: ReportKeeper;
  reading: ReadonlySignal<PositionReading>;
  /** Called after a save that worked. */
  saved: (fields: DraftFields) => void;
}

/** One report being made. Every change is kept on the phone, and nothing but `save` makes it a report. */
export class Draft extends StoredDraft<DraftFields> implements ReportDraft {
  readonly receiptCode: string;
  readonly chosenPlace: ReadonlySignal<Position | null>;
  readonly position: ReadonlySignal<Position | null>;
  readonly positionWords: ReadonlySignal<string>;
  readonly wantsPin: ReadonlySignal<boolean>;
  readonly blocked: ReadonlySignal<string | null>;

  private readonly parts: DraftParts;
  private readonly chosen;
  private readonly replaces: Id | undefined;

  constructor(id: Id, kept: KeptDraft, parts: DraftParts) {
    super(id, kept.fields, parts);
    this.receiptCode = receiptCode(id);
    this.parts = parts;
    this.chosen = signal(kept.chosen);
    this.replaces = kept.replaces;
    this.chosenPlace = computed(() => this.chosen.value?.position ?? null);
    this.position = computed(() => this.chosenPlace.value ?? parts.reading.value.position);
    this.positionWords = computed(() => this.chosen.value?.words ?? parts.reading.value.words);
    this.wantsPin = computed(() => this.chosen.value === null && parts.reading.value.wantsPin);
    this.blocked = computed(() => (this.fields.value.category === '' ? 'Choose what it is, then save.' : null));
  }

  toggle(field: 'waste' | 'hazards', code: string): void {
    const codes = this.fields.peek()[field];
    this.set({ [field]: codes.includes(code) ? codes.filter((other) => other !== code) : [...codes, code] });
  }

  placePin(lat: number, lon: number): void {
    const position: Position = { lat, lon, accuracy_m: null, source: 'pin', fixed_at: this.at() };
    this.choose({ position, words: 'Pin you placed' });
  }

  async typePlace(text: string): Promise<TypedPlace> {
    const { typedPlace } = await import('./place');
    const answer = typedPlace(text, new Date(this.parts.now()));
    if (answer.ok) this.choose({ position: answer.position, words: `${answer.gridReference}, typed` });
    else if (answer.words !== undefined) {
      this.set({ where: answer.words });
      return { ...answer, message: `${answer.words} is kept with the report. ${answer.message}` };
    }
    return answer;
  }

  clearPlace(): void {
    this.choose(null);
  }

  async save(): Promise<Saved> {
    await this.adding;
    const fields = this.fields.peek();
    if (this.blocked.peek() !== null) throw new Error('A report needs its kind and category');
    const input = { id: this.id, ...fields, position: this.position.peek() };
    const saved = await this.saving(() => this.parts.keeper.saveReport(input, this.picked, this.replaces ?? null));
    this.close();
    this.parts.saved(fields);
    return saved;
  }

  protected kept(): Pick<DraftRow, 'fields'> {
    const replaces = this.replaces === undefined ? {} : { replaces: this.replaces };
    return { fields: { fields: this.fields.peek(), chosen: this.chosen.peek(), ...replaces } satisfies KeptDraft };
  }

  private choose(place: ChosenPlace | null): void {
    this.chosen.value = place;
    this.keepSoon();
  }
}
