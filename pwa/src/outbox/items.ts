import { receiptCode } from '../shared/receipt';
import type { Id, JobResult, JobRow, Note, OpType, ReportCreate, ReportLocate } from '../wire/types';
import type { CopyRow, OpRow, PhotoRow } from './schema';
import type { ItemState, JobView, OutboxItem } from './types';
import { stateWords } from './words';

export interface Looker {
  userId: Id;
  paused: boolean;
  /** Phone clock in milliseconds: a lease that has run out is no longer "Sending". */
  now: number;
}

const isReportOp = (type: OpType): boolean => type.startsWith('report.');

/** What the crew sees of the rows: one item per report with what was added to it, one per job result or note. */
export function buildItems(ops: OpRow[], photos: PhotoRow[], looker: Looker): OutboxItem[] {
  const mine = ops.filter(({ userId }) => userId === looker.userId).sort((a, b) => a.seq - b.seq);
  const groups = groupBy(mine, (op) => (isReportOp(op.type) ? op.entity_id : op.op_id));
  const byOp = groupBy(photos, ({ opId }) => opId);
  return [...groups]
    .flatMap(([id, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      return [buildItem(id, first, group, group.flatMap(({ op_id }) => byOp.get(op_id) ?? []), looker)];
    })
    .sort((a, b) => b.savedAt.localeCompare(a.savedAt));
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
  const state = stateOf(ops, photos, looker);
  const verified = photos.filter(({ verifiedAt }) => verifiedAt !== null).length;
  const report = latestReport(ops);
  const located = ops.some(({ type }) => type === 'report.locate');
  const needsPlace = report !== null && report.position === null && !located;
  return {
    id,
    entityId: first.entity_id,
    type: first.type,
    state,
    words: stateWords(state, verified, photos.length),
    note: noteOf(ops, photos, needsPlace),
    savedAt: first.savedAt,
    receiptCode: isReportOp(first.type) ? receiptCode(first.entity_id) : null,
    report,
    jobResult: first.type === 'job.result' ? (JSON.parse(first.payload) as JobResult).result : null,
    text: first.type.endsWith('.note') ? (JSON.parse(first.payload) as Note).text : null,
    photoIds: photos.map((photo) => photo.id),
    photos: {
      expected: photos.length,
      uploaded: photos.filter(({ state: at }) => at === 'uploaded').length,
      verified,
      bytes: photos.reduce((sum, { bytes }) => sum + bytes, 0),
      bytesSent: photos.reduce((sum, { sent }) => sum + sent, 0),
    },
    needsPlace,
    waiting: ops.some(({ state: at }) => at !== 'received') || photos.some(({ state: at }) => at !== 'uploaded'),
  };
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

function noteOf(ops: OpRow[], photos: PhotoRow[], needsPlace: boolean): string | null {
  const refused = ops.find(({ state }) => state === 'needs_you');
  if (refused) return refused.problem === null ? 'The council could not take this.' : sayProblem(refused.problem);
  const photo = photos.find(({ problem }) => problem !== null);
  if (photo) return photo.problem;
  if (ops.some(({ verdict }) => verdict === 'conflict')) {
    return 'The council has had this before with other words in it. Both are kept, and an officer will look.';
  }
  if (ops.some(({ state, verdict }) => state === 'queued' && verdict === 'waiting_for')) {
    return 'This waits for what was saved before it.';
  }
  return needsPlace ? 'Pick the place' : null;
}

function sayProblem({ title, detail }: { title: string; detail?: string }): string {
  return detail === undefined ? title : `${title}: ${detail}`;
}

/** Jobs with this phone's own results drawn over them until the council's row is as new as the result. */
export function drawJobs(jobs: CopyRow<JobRow>[], ops: OpRow[], items: OutboxItem[]): JobView[] {
  const results = new Map(items.filter(({ jobResult }) => jobResult !== null).map((item) => [item.id, item]));
  return jobs.map(({ id, rev, row }) => {
    const op = ops.findLast(
      (candidate) => candidate.entity_id === id && results.has(candidate.op_id) && (candidate.rev === null || candidate.rev > rev),
    );
    const item = op === undefined ? undefined : results.get(op.op_id);
    return { ...row, id, mine: item === undefined ? null : drawn(item) };
  });
}

function drawn({ jobResult, savedAt, state, words }: OutboxItem): JobView['mine'] {
  return jobResult === null ? null : { result: jobResult, savedAt, state, words };
}
