import { receiptCode } from '../shared/receipt';
import { newestFirst } from '../shared/time';
import type { Id, JobResult, Note, OpType, PhotoManifest, ReportAdd, ReportCreate, ReportLocate } from '../wire/types';
import type { OpRow, PhotoRow } from './schema';
import type { ItemState, OutboxItem, PhotoProgress, Refusal } from './types';
import { stateWords } from './words';

export interface Looker {
  userId: Id;
  paused: boolean;
  /** Photos are held back until there is Wi-Fi. */
  photosHeld: boolean;
  /** Phone clock in milliseconds: a lease that has run out is no longer "Sending". */
  now: number;
}

const isReportOp = (type: OpType): boolean => type.startsWith('report.');

/** What the crew sees of the rows: one item per report with what was added to it, one per job result or note. */
export function buildItems(ops: OpRow[], photos: PhotoRow[], looker: Looker): OutboxItem[] {
  const mine = ops.filter(({ userId, state }) => userId === looker.userId && state !== 'superseded').sort((a, b) => a.seq - b.seq);
  const groups = groupBy(mine, (op) => (isReportOp(op.type) ? op.entity_id : op.op_id));
  const byOp = groupBy(photos, ({ opId }) => opId);
  return [...groups]
    .flatMap(([id, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      return [buildItem(id, first, group, group.flatMap((op) => inOrder(op, byOp.get(op.op_id) ?? [])), looker)];
    })
    .sort((a, b) => newestFirst(a.savedAt, b.savedAt));
}

/** As they were picked: photo 1 is photo 1 on every screen. */
function inOrder({ payload }: OpRow, photos: PhotoRow[]): PhotoRow[] {
  if (photos.length < 2) return photos;
  const lines = (JSON.parse(payload) as { photos?: PhotoManifest[] }).photos ?? [];
  const place = new Map(lines.map(({ id }, i) => [id, i]));
  return [...photos].sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
}

function groupBy<T>(rows: T[], key: (row: T) => Id): Map<Id, T[]> {
  const groups = new Map<Id, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}

function buildItem(id: Id, first: OpRow, ops: OpRow[], photos: PhotoRow[], looker: Looker): OutboxItem {
  const going = photos.filter(({ state }) => state !== 'left_out');
  const state = stateOf(ops, going, looker);
  const verified = going.filter(({ verifiedAt }) => verifiedAt !== null).length;
  const report = latestReport(ops);
  const located = ops.some(({ type }) => type === 'report.locate');
  const needsPlace = report !== null && report.position === null && !located;
  return {
    id,
    entityId: first.entity_id,
    type: first.type,
    state,
    words: stateWords(state, verified, going.length),
    note: noteOf(ops, going, needsPlace, looker),
    savedAt: first.savedAt,
    receiptCode: isReportOp(first.type) ? receiptCode(first.entity_id) : null,
    report,
    jobResult: first.type === 'job.result' ? (JSON.parse(first.payload) as JobResult).result : null,
    text: textOf(first),
    photoList: photos.map((photo) => progressOf(photo, looker.now)),
    photos: {
      expected: going.length,
      uploaded: going.filter(({ state: at }) => at === 'uploaded').length,
      verified,
      bytes: going.reduce((sum, { bytes }) => sum + bytes, 0),
      bytesSent: going.reduce((sum, { sent }) => sum + sent, 0),
    },
    needsPlace,
    waiting: ops.some(({ state: at }) => at !== 'received') || going.some(({ state: at }) => at !== 'uploaded'),
    refused: refusalOf(ops, photos),
  };
}

function textOf({ type, payload }: OpRow): string | null {
  if (type.endsWith('.note')) return (JSON.parse(payload) as Note).text;
  if (type === 'job.result') return (JSON.parse(payload) as JobResult).reason ?? null;
  return type === 'report.add' ? ((JSON.parse(payload) as ReportAdd).description ?? null) : null;
}

function progressOf({ id, bytes, sent, state, problem, verifiedAt, leaseUntil }: PhotoRow, now: number): PhotoProgress {
  const going = state === 'waiting' && leaseUntil > now ? 'sending' : state;
  return { id, bytes, sent, problem, state: verifiedAt === null ? going : 'checked' };
}

function refusalOf(ops: OpRow[], photos: PhotoRow[]): Refusal | null {
  const row = ops.find(({ state }) => state === 'needs_you');
  if (row === undefined) return null;
  const { title, detail, errors } = row.problem ?? { title: 'The council could not take this.' };
  const photoIds = photos.filter(({ opId }) => opId === row.op_id).map(({ id }) => id);
  return { opId: row.op_id, type: row.type, title, detail: detail ?? null, errors: errors ?? {}, text: textOf(row) ?? '', photoIds };
}

function stateOf(ops: OpRow[], photos: PhotoRow[], { paused, now }: Looker): ItemState {
  const rows = [...ops, ...photos];
  if (rows.some(({ state }) => state === 'needs_you')) return 'needs_you';
  const unsent = ops.some(({ state }) => state === 'queued');
  const unsentPhotos = photos.some(({ state }) => state === 'waiting');
  if (paused && (unsent || unsentPhotos)) return 'paused';
  if (unsent) return rows.some(({ leaseUntil }) => leaseUntil > now) ? 'sending' : 'saved';
  const checked = photos.every(({ verifiedAt }) => verifiedAt !== null);
  if (checked && ops.every(({ ackedAt }) => ackedAt !== null)) return 'safe';
  return photos.some(({ state }) => state === 'uploaded') ? 'photos' : 'received';
}

/** The report as saved, with the position given last. */
function latestReport(ops: OpRow[]): ReportCreate | null {
  const created = ops.find(({ type }) => type === 'report.create');
  if (created === undefined) return null;
  const report = JSON.parse(created.payload) as ReportCreate;
  const located = ops.findLast(({ type }) => type === 'report.locate');
  if (located === undefined) return report;
  return { ...report, position: (JSON.parse(located.payload) as ReportLocate).position };
}

function noteOf(ops: OpRow[], photos: PhotoRow[], needsPlace: boolean, { photosHeld }: Looker): string | null {
  const refused = refusalOf(ops, photos);
  if (refused) return sayProblem(refused);
  const photo = photos.find(({ problem }) => problem !== null);
  if (photo) return photo.problem;
  if (ops.some(({ verdict }) => verdict === 'conflict')) {
    return 'The council has had this before with other words in it. Both are kept, and an officer will look.';
  }
  if (ops.some(({ state, verdict }) => state === 'queued' && verdict === 'waiting_for')) {
    return 'This waits for what was saved before it.';
  }
  if (needsPlace) return 'Pick the place';
  return photosHeld && photos.some(({ state }) => state === 'waiting') ? 'Photos wait for Wi-Fi' : null;
}

function sayProblem({ title, detail }: Refusal): string {
  return detail === null ? title : `${title}: ${detail}`;
}
