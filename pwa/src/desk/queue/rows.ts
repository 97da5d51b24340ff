/** A list of cases that stays put while it is read: what is news, what changed, what left. */
import type { CaseList, DeskCaseRow } from '../../wire/desk-types';

export interface Rows {
  readonly items: readonly DeskCaseRow[];
  readonly next: string | null;
  readonly counts: CaseList['counts'];
  readonly atLeast: readonly string[];
  /** Cases that have come since and are not shown yet. */
  readonly fresh: number;
}

export function firstRows({ items, next, counts, counts_at_least: atLeast }: CaseList): Rows {
  return { items, next, counts, atLeast, fresh: 0 };
}

export function withMore(rows: Rows, page: CaseList): Rows {
  const known = new Set(rows.items.map(({ id }) => id));
  return { ...rows, items: [...rows.items, ...page.items.filter(({ id }) => !known.has(id))], next: page.next };
}

/**
 * What a fresh look at the first page tells about the rows shown: known ones are brought up to date where they stand,
 * unknown ones are counted and not shown. When the list has more pages, a row that merely moved up from one of them
 * stands after every known row; only those that stand before one have come since.
 */
export function lookedAgain(rows: Rows, page: CaseList): Rows {
  const shown = new Set(rows.items.map(({ id }) => id));
  const now = new Map(page.items.map((row) => [row.id, row]));
  const lastKnown = page.items.findLastIndex(({ id }) => shown.has(id));
  const fresh = page.items.filter(({ id }, index) => !shown.has(id) && (rows.next === null || index < lastKnown));
  return {
    items: rows.items.map((row) => now.get(row.id) ?? row),
    next: rows.next,
    counts: page.counts,
    atLeast: page.counts_at_least,
    fresh: fresh.length,
  };
}

export function without(rows: Rows, ids: ReadonlySet<string>): Rows {
  return { ...rows, items: rows.items.filter(({ id }) => !ids.has(id)) };
}

export function withRow(rows: Rows, fresh: DeskCaseRow): Rows {
  return { ...rows, items: rows.items.map((row) => (row.id === fresh.id ? fresh : row)) };
}

/** The row to go to from `id`, `step` rows on; from nowhere the first, and none past either end. */
export function neighbour(items: readonly DeskCaseRow[], id: string | null, step: 1 | -1): DeskCaseRow | null {
  const at = items.findIndex((row) => row.id === id);
  return (at === -1 ? items[0] : items[at + step]) ?? null;
}

/** The row to go on with once `gone` have left: the first that stays after the last of them, else the last before. */
export function afterThese(items: readonly DeskCaseRow[], gone: ReadonlySet<string>): DeskCaseRow | null {
  const last = items.findLastIndex(({ id }) => gone.has(id));
  return items.slice(last + 1)[0] ?? items.slice(0, Math.max(0, last)).findLast(({ id }) => !gone.has(id)) ?? null;
}
