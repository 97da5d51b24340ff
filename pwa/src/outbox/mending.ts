import type { Id, JobResult, Note, OpPayloads, OpType, PhotoManifest, ReportAdd } from '../wire/types';
import type { OpRow } from './schema';
import type { NewThing, Saving } from './saving';
import type { OutboxStore } from './store';
import { NOTHING_ELSE } from './strict';
import type { MendInput, NewPhoto, Saved } from './types';
import { SaveError } from './words';

const LEFT_OUT = 'A photo could not be sent from the phone and was left out.';

/** Second chances for what the council could not take: said anew as a new operation that stands in the old one's place. */
export class Mending {
  private readonly store: OutboxStore;
  private readonly saving: Saving;

  constructor(store: OutboxStore, saving: Saving) {
    this.store = store;
    this.saving = saving;
  }

  /**
   * A job result, a note or an addition with new words, and with only those of its photos named in `photoIds`. Reports
   * are mended in the form they were made in. Throws SaveError.
   */
  async again(opId: Id, { text, photoIds }: MendInput): Promise<Saved> {
    const ops = await this.store.ops();
    const old = ops.find(({ op_id, state }) => op_id === opId && state === 'needs_you');
    if (old === undefined) throw new SaveError('gone');
    const kept = await this.photosOf(old, photoIds);
    const follows = ops.filter(({ after, state }) => after === opId && state === 'queued');
    const besides = { ...NOTHING_ELSE, replaces: [old], follows };
    return this.saving.save({ ...reworded(old, text, kept.map(([line]) => line)), photos: kept.map(([, photo]) => photo), besides });
  }

  /** Goes on without a photo that cannot be sent, and tells the council so. Throws SaveError. */
  async leaveOut(photoId: Id): Promise<Saved> {
    const photo = (await this.store.photos()).find(({ id }) => id === photoId);
    const op = (await this.store.ops()).find(({ op_id }) => op_id === photo?.opId);
    if (op === undefined) throw new SaveError('gone');
    const besides = { ...NOTHING_ELSE, leavesOut: photoId };
    const said = { entityId: op.entity_id, after: op.op_id, besides };
    return op.type === 'job.result'
      ? this.saving.save({ ...said, type: 'job.note', payload: { text: LEFT_OUT } })
      : this.saving.save({ ...said, type: 'report.add', payload: { description: LEFT_OUT, photos: [] } });
  }

  private async photosOf(op: OpRow, wanted: Id[]): Promise<[PhotoManifest, NewPhoto][]> {
    const lines = (JSON.parse(op.payload) as { photos?: PhotoManifest[] }).photos ?? [];
    const found = await Promise.all(
      lines.filter(({ id }) => wanted.includes(id)).map(async (line): Promise<[PhotoManifest, NewPhoto][]> => {
        const stored = await this.store.photo(line.id);
        const { id, sha256, mime, taken_at } = line;
        return stored === null ? [] : [[line, { id, sha256, mime, takenAt: taken_at ?? null, bytes: stored.bytes }]];
      }),
    );
    return found.flat();
  }
}

function reworded({ type, entity_id, base_rev, after, payload }: OpRow, text: string, photos: PhotoManifest[]): NewThing<OpType> {
  const place = { entityId: entity_id, baseRev: base_rev, after };
  const old = JSON.parse(payload) as OpPayloads[OpType];
  switch (type) {
    case 'job.result': {
      const { result, position } = old as JobResult;
      const reason = text === '' ? {} : { reason: text };
      return { ...place, type, payload: { result, ...reason, ...(position === undefined ? {} : { position }), photos } };
    }
    case 'report.add':
      return { ...place, type, payload: { ...(old as ReportAdd), description: text, photos } };
    default:
      return { ...place, type, payload: { ...(old as Note), text } };
  }
}
