import { type ReadonlySignal, computed } from '@preact/signals-core';

import { newId } from '../shared/ids';
import type { Id, JobOutcome, Position } from '../wire/types';
import type { Saved } from './draft';
import { type DraftKeeper, type DraftRow, StoredDraft, type StoredDraftParts } from './stored-draft';
import type { JobAbout, PickedPhoto, ResultDraft, ResultFields } from './types';

/** What the form for a job's result needs of the outbox; the outbox fits as it is. */
export interface ResultKeeper {
  drafts: DraftKeeper;
  saveJobResult(
    job: Id,
    result: { result: JobOutcome; reason?: string; position?: Position; photos: PickedPhoto[]; draft: Id },
  ): Promise<Saved>;
}

export interface ResultParts extends StoredDraftParts {
  /** Called after a save that worked. */
  saved: () => void;
}

/** How one job ended, being told. Kept like a report that is being made, and nothing but `save` makes it a result. */
export class JobResultDraft extends StoredDraft<ResultFields> implements ResultDraft {
  readonly job: Id;
  readonly why: ReadonlySignal<string>;
  readonly touched: ReadonlySignal<boolean>;

  private readonly keeper: ResultKeeper;
  private readonly saved: () => void;

  constructor(id: Id, job: Id, fields: ResultFields, keeper: ResultKeeper, parts: ResultParts) {
    super(id, fields, parts);
    this.job = job;
    this.keeper = keeper;
    this.saved = parts.saved;
    this.why = computed(() => {
      const { result, reasons, text } = this.fields.value;
      return [...(result === 'cannot' ? reasons : []), text.trim()].filter((part) => part !== '').join('. ');
    });
    this.touched = computed(() => this.photos.value.length > 0 || this.why.value !== '');
  }

  async save(position: Position | null): Promise<Saved> {
    await this.adding;
    const why = this.why.peek();
    const result = {
      result: this.fields.peek().result,
      photos: this.picked,
      draft: this.id,
      ...(why === '' ? {} : { reason: why }),
      ...(position === null ? {} : { position }),
    };
    const saved = await this.saving(() => this.keeper.saveJobResult(this.job, result));
    await this.discard().catch(() => undefined);
    this.saved();
    return saved;
  }

  protected kept(): Pick<DraftRow, 'fields' | 'job'> {
    return { fields: this.fields.peek(), job: this.job };
  }
}

/** The result that was begun for a job, by the person here, or a new one. Storage that cannot be read stops nobody's work. */
export async function openResult(
  job: Id,
  about: JobAbout | null,
  keeper: ResultKeeper,
  parts: ResultParts,
): Promise<JobResultDraft | null> {
  const kept = await begun(job, keeper.drafts).catch(() => null);
  const fresh: ResultFields | null = about && { about: { kind: about.kind, label: about.label }, result: 'done', reasons: [], text: '' };
  const fields = (kept?.row.fields as ResultFields | undefined) ?? fresh;
  if (fields === null) return null;
  const draft = new JobResultDraft(kept?.row.id ?? newId(), job, fields, keeper, parts);
  await draft.show(kept?.photos ?? []);
  return draft;
}

async function begun(job: Id, drafts: DraftKeeper): ReturnType<DraftKeeper['get']> {
  const row = (await drafts.results()).find((result) => result.job === job);
  return row === undefined ? null : drafts.get(row.id);
}
