/** Marks that would lie on top of each other, put together. */
import type { Mark, Point } from './types';

/** A little more than a mark is wide. */
const CELL_PX = 44;

export interface Group extends Mark {
  readonly marks: readonly Mark[];
}

function asGroup(marks: readonly [Mark, ...Mark[]]): Group {
  const [first] = marks;
  if (marks.length === 1) return { ...first, marks };
  const middle = (pick: (mark: Mark) => number): number =>
    marks.reduce((sum, mark) => sum + pick(mark), 0) / marks.length;
  return {
    id: first.id,
    kind: first.kind,
    face: String(marks.length),
    name: `${marks.length} together: ${first.name} and more`,
    lat: middle(({ lat }) => lat),
    lon: middle(({ lon }) => lon),
    marks,
  };
}

/**
 * Groups cases by the square of the screen they fall in; `toPixels` gives a mark's place on the map at its zoom.
 * Jobs and hotspots are few and matter one by one: they stay single, and come last, on top.
 */
export function grouped(marks: readonly Mark[], toPixels: (point: Point) => { x: number; y: number }): Group[] {
  const cells = new Map<string, [Mark, ...Mark[]]>();
  for (const mark of marks) {
    const { x, y } = toPixels(mark);
    const cell = mark.kind === 'case' ? `${Math.floor(x / CELL_PX)} ${Math.floor(y / CELL_PX)}` : `${mark.kind} ${mark.id}`;
    const others = cells.get(cell);
    if (others === undefined) cells.set(cell, [mark]);
    else others.push(mark);
  }
  return [...cells.values()].map(asGroup).sort((a, b) => Number(a.kind !== 'case') - Number(b.kind !== 'case'));
}
