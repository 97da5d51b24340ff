import type { CaseRow, Id, JobRow } from '../wire/types';
import type { CopyRow, OpRow } from './schema';
import type { CaseView, JobView, Mine, OutboxItem } from './types';

/** What this phone did to one row: shown over it until the council's row is as new as what was done. */
interface Doing extends Mine {
  item: OutboxItem;
  rev: number | null;
}

export function drawJobs(jobs: CopyRow<JobRow>[], ops: OpRow[], items: OutboxItem[]): JobView[] {
  const doings = doingsOn(ops, items);
  return jobs.map(({ id, rev, row }) => {
    const over = isOver(doings.get(id), rev);
    const result = over.findLast(({ item }) => item.jobResult !== null);
    const jobResult = result?.item.jobResult ?? null;
    return { ...row, id, mine: result === undefined || jobResult === null ? null : { ...mine(result), result: jobResult }, notes: notes(over) };
  });
}

export function drawCases(cases: CopyRow<CaseRow>[], ops: OpRow[], items: OutboxItem[]): CaseView[] {
  const doings = doingsOn(ops, items);
  return cases.map(({ id, rev, row }) => {
    const over = isOver(doings.get(id), rev);
    return { ...row, id, notes: notes(over), reports: over.filter(({ item }) => item.report !== null).map(mine) };
  });
}

/** By the row it concerns, oldest first: a report joined to a case concerns the case. */
function doingsOn(ops: OpRow[], items: OutboxItem[]): Map<Id, Doing[]> {
  const byId = new Map(ops.map((op) => [op.op_id, op]));
  const created = new Map(ops.filter(({ type, state }) => type === 'report.create' && state !== 'superseded').map((op) => [op.entity_id, op]));
  const doings = new Map<Id, Doing[]>();
  for (const item of [...items].reverse()) {
    const on = item.report === null ? item.entityId : item.report.joins;
    const op = byId.get(item.id) ?? created.get(item.id);
    if (on === null || op === undefined) continue;
    const { id, savedAt, state, words } = item;
    doings.set(on, [...(doings.get(on) ?? []), { item, itemId: id, savedAt, state, words, rev: op.rev }]);
  }
  return doings;
}

function isOver(doings: Doing[] | undefined, rev: number): Doing[] {
  return (doings ?? []).filter((doing) => doing.rev === null || doing.rev > rev);
}

function notes(doings: Doing[]): JobView['notes'] {
  return doings.flatMap((doing) => {
    const { type, text } = doing.item;
    return type.endsWith('.note') && text !== null ? [{ ...mine(doing), text }] : [];
  });
}

function mine({ itemId, savedAt, state, words }: Doing): Mine {
  return { itemId, savedAt, state, words };
}
