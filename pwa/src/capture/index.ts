import { newId } from '../shared/ids';
import { PICTURE_CACHE } from '../shared/pictures';
import type { ReportKind } from '../wire/types';
import { createChoices } from './choices';
import { Draft, type DraftParts, type KeptDraft, type ReportKeeper } from './draft';
import { openResult, type ResultKeeper } from './job-result';
import { createPositionWatcher } from './position';
import { createStorageWatch } from './storage';
import { thumbnail } from './thumbnail';
import type { Capture, DraftFields } from './types';

export { PHOTO_LIMITS } from './photos';
export type * from './types';

/** Everything between a person looking at a fly-tip and a report to be saved. */
export function createCapture(keeper: ReportKeeper & ResultKeeper): Capture {
  const now = Date.now;
  const position = createPositionWatcher({ geolocation: navigator.geolocation, now });
  // What can be fetched again gives way first, then what the council has checked; what waits to be sent never does.
  const storage = createStorageWatch(navigator.storage, [() => caches.delete(PICTURE_CACHE), () => keeper.freeChecked()]);
  window.addEventListener('appinstalled', () => void storage.askToPersist());
  const choices = createChoices(localStorage);
  const parts: DraftParts = {
    keeper,
    drafts: keeper.drafts,
    reading: position.reading,
    now,
    thumbnail,
    hasRoom: () => storage.hasRoom(),
    saved: (fields) => {
      choices.remember(fields);
      void storage.askToPersist();
    },
  };
  return {
    position,
    storage: storage.state,
    lastChoices: choices.last,
    begin: (kind, category) => {
      void storage.look();
      return new Draft(newId(), { fields: emptyFields(kind, category, now()), chosen: null }, parts);
    },
    resume: () => resume(keeper, parts),
    mend: async (refused) => (await import('./mend')).mend(refused, keeper, parts),
    result: (job, about) => {
      void storage.look();
      return openResult(job, about, keeper, { ...parts, saved: () => void storage.askToPersist() });
    },
    thumbnail,
  };
}

function emptyFields(kind: ReportKind, category: string | null, now: number): DraftFields {
  return {
    kind,
    category: category ?? '',
    seen_at: new Date(now).toISOString(),
    description: '',
    waste: [],
    size: null,
    land: null,
    hazards: [],
    witnessed: false,
    joins: null,
  };
}

async function resume({ drafts }: ReportKeeper, parts: DraftParts): Promise<Draft | null> {
  const [newest] = await drafts.list();
  const kept = newest === undefined ? null : await drafts.get(newest.id);
  if (kept === null) return null;
  const draft = new Draft(kept.row.id, kept.row.fields as KeptDraft, parts);
  await draft.show(kept.photos);
  return draft;
}
