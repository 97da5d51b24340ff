import { newId } from '../shared/ids';
import { toGridReference } from '../shared/grid';
import type { PhotoManifest, Position, ReportCreate } from '../wire/types';
import { type ChosenPlace, Draft, type DraftParts, type KeptDraft, type ReportKeeper } from './draft';
import type { DraftFields, PickedPhoto, RefusedReport } from './types';

/**
 * Opens a refused report in the form it was made in; what was begun before is gone on with. Photos whose bytes this
 * phone can no longer read are left out. The refused one stays as it is until the new one is saved.
 */
export async function mend({ opId, report, needsNewId }: RefusedReport, keeper: ReportKeeper, parts: DraftParts): Promise<Draft> {
  const begun = needsNewId ? null : await keeper.drafts.get(report.id);
  const kept = (begun?.row.fields as KeptDraft | undefined) ?? {
    fields: fieldsOf(report),
    chosen: placeOf(report.position),
    ...(needsNewId ? { replaces: opId } : {}),
  };
  const draft = new Draft(needsNewId ? newId() : report.id, kept, parts);
  await draft.show(begun?.photos ?? (await photosOf(report.photos, keeper)));
  await draft.keep();
  return draft;
}

function fieldsOf(report: ReportCreate): DraftFields {
  const { kind, category, seen_at, description, waste, size, land, hazards, witnessed, joins, where } = report;
  return { kind, category, seen_at, description, waste, size, land, hazards, witnessed, joins, ...(where === undefined ? {} : { where }) };
}

/** The place stays what it was: GPS would say where the phone is now. */
function placeOf(position: Position | null): ChosenPlace | null {
  if (position === null) return null;
  return { position, words: `${toGridReference(position) ?? 'The place'}, as saved` };
}

async function photosOf(manifest: PhotoManifest[], keeper: ReportKeeper): Promise<PickedPhoto[]> {
  const found = await Promise.all(
    manifest.map(async ({ id, sha256, bytes: size, mime, taken_at }): Promise<PickedPhoto[]> => {
      const stored = await keeper.photo(id);
      return stored?.bytes.byteLength === size ? [{ id, sha256, mime, bytes: stored.bytes, takenAt: taken_at ?? null }] : [];
    }),
  );
  return found.flat();
}
