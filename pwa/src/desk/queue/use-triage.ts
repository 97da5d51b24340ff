/** Deciding on rows of the list, one or many: what was done, what could not be, and taking it back. */
import { useState } from 'preact/hooks';
import { counted } from '../../parts/words/said';
import type { BulkResult, CaseState, DecisionOf, DeskCaseRow } from '../../wire/desk-types';
import { attempt, useDesk, type Failure } from '../desk';
import { useChange } from '../load';
import { decisionWords } from '../words';

type Named = Pick<DeskCaseRow, 'id' | 'reference'>;

export interface Trouble extends Named {
  readonly why: string;
}

/** What the bar above the list tells until the next decision. */
export interface Last {
  readonly words: string;
  /** Steps that can be taken back: the case, and the number of the step in its history. */
  readonly undo: readonly (Named & { readonly seq: number })[];
  readonly troubles: readonly Trouble[];
}

export type Target = Named & { readonly rev: number; readonly state: CaseState };

const outcomeWords: Readonly<Record<string, string>> = {
  changed_meanwhile: 'somebody changed it meanwhile',
  not_a_next_step: 'it cannot take this step now',
  not_found: 'it is no longer there',
};

/** What came of a decision on many cases, case by case. */
export function summed(targets: readonly Target[], { decision }: DecisionOf, results: readonly BulkResult[]): Last {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const undo: (Named & { seq: number })[] = [];
  const troubles: Trouble[] = [];
  let done = 0;
  for (const { id, outcome, seq, detail } of results) {
    const { reference } = byId.get(id) ?? { reference: id };
    if (outcome === 'done') {
      done += 1;
      if (seq !== null) undo.push({ id, reference, seq });
    } else {
      troubles.push({ id, reference, why: detail === '' ? (outcomeWords[outcome] ?? outcome) : detail });
    }
  }
  const [only] = targets;
  const about = targets.length === 1 && only !== undefined ? only.reference : counted(done, 'case');
  const words = done === 0 ? 'Nothing was changed' : `${decisionWords[decision].done}: ${about}`;
  return { words, undo, troubles };
}

export interface Triage {
  readonly last: Last | null;
  readonly tell: (last: Last | null) => void;
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly clear: () => void;
  /** Decides, then hands over the cases that were done. */
  readonly decide: (targets: readonly Target[], decision: DecisionOf, then: (done: ReadonlySet<string>) => void) => void;
  /** Takes the last decision back, then hands over the cases concerned. */
  readonly undo: (then: (ids: readonly string[]) => void) => void;
}

export function useTriage(): Triage {
  const desk = useDesk();
  const change = useChange();
  const [last, setLast] = useState<Last | null>(null);
  const tell = (told: Last | null): void => {
    setLast(told);
    if (told === null) return;
    const troubles = told.troubles.length === 0 ? '' : `. ${counted(told.troubles.length, 'case')} left as they were`;
    desk.said.value = `${told.words}${troubles}`;
  };
  const decide: Triage['decide'] = (targets, decision, then) => {
    const cases = targets.map(({ id, rev }) => ({ id, rev }));
    void change.run(
      () => desk.api.decideMany(cases, decision),
      (results) => {
        tell(summed(targets, decision, results));
        then(new Set(results.filter(({ outcome }) => outcome === 'done').map(({ id }) => id)));
      },
    );
  };
  const undo: Triage['undo'] = (then) => {
    if (last === null || last.undo.length === 0) return;
    const steps = last.undo;
    const takeBack = async (): Promise<Trouble[]> => {
      const troubles: Trouble[] = [];
      for (const { id, reference, seq } of steps) {
        const answer = await attempt(desk, () => desk.api.undo(id, seq));
        if (!answer.ok) troubles.push({ id, reference, why: answer.failure.detail });
      }
      return troubles;
    };
    void change.run(takeBack, (troubles) => {
      const [only] = steps;
      const about = steps.length === 1 && only !== undefined ? only.reference : counted(steps.length - troubles.length, 'case');
      tell({ words: troubles.length === steps.length ? 'Nothing was undone' : `Undone: ${about}`, undo: [], troubles });
      then(steps.map(({ id }) => id));
    });
  };
  return { last, tell, busy: change.busy, failure: change.failure, clear: change.clear, decide, undo };
}
