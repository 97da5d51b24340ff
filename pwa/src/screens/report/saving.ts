/** Saving a report. Nothing says "saved" before the outbox has written it, read it back and compared it. */
import { signal } from '@preact/signals';
import type { ReportDraft } from '../../capture/types';
import type { App } from '../app';
import type { Candidate } from '../joining';
import { replace } from '../../parts/route';
import { arrived } from '../taking';
import { plainError } from '../words/errors';

export const saving = signal(false);
export const saveProblem = signal<string | null>(null);

/** Saves the draft, as part of `joined` when given, and goes on to the tick; a second tap meanwhile does nothing. */
export async function saveDraft(app: App, draft: ReportDraft, joined: Candidate | null = null): Promise<void> {
  if (saving.value) return;
  if (joined !== null) draft.set({ joins: joined.id });
  saveProblem.value = draft.blocked.value;
  if (draft.blocked.value !== null) return;
  saving.value = true;
  try {
    await arrived();
    const { kind, category, joins } = draft.fields.value;
    const needsPlace = draft.position.value === null;
    const photos = draft.photos.value.length;
    const { entityId, receiptCode } = await draft.save();
    const known = app.outbox.data.cases.value.find(({ id }) => id === joins);
    app.saved.value = {
      id: entityId,
      receiptCode,
      kind,
      category,
      joined: known?.reference ?? null,
      needsPlace,
      photos,
    };
    app.draft.value = null;
    replace('saved');
  } catch (error) {
    if (joined !== null) draft.set({ joins: null });
    saveProblem.value = plainError(error);
  } finally {
    saving.value = false;
  }
}
