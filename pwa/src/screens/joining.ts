/** "Is it one of these?": which open cases lie within reach of a report. */
import type { WithId } from '../outbox/types';
import type { CaseRow, Position, ReportKind } from '../wire/types';
import { nearestFirst, type Placed } from './near';

/** The server joins reports within 30 m by itself (design.md, Collapse). */
const SAME_THING_M = 30;
/** A fix worse than this says too little to ask about: the list would only be noise. */
const FARTHEST_M = 150;
const MOST = 3;

export type Candidate = Placed<WithId<CaseRow>>;

export function withinReach(
  cases: readonly WithId<CaseRow>[],
  kind: ReportKind,
  position: Position | null,
): readonly Candidate[] {
  if (position === null) return [];
  const reach = Math.min(FARTHEST_M, Math.max(SAME_THING_M, position.accuracy_m ?? SAME_THING_M));
  return nearestFirst(
    cases.filter((known) => known.kind === kind && known.state !== 'closed'),
    position,
  )
    .filter(({ metres }) => metres !== null && metres <= reach)
    .slice(0, MOST);
}
