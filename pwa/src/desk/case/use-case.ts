/** One case: loading it, changing it, and what happens when somebody else changed it first. */
import { useEffect } from 'preact/hooks';
import type { DeskCase, Nearby } from '../../wire/desk-types';
import { useDesk, type Failure } from '../desk';
import { useChange, useLoaded, type Loaded } from '../load';

export interface OpenCase {
  readonly whole: Loaded<DeskCase>;
  readonly nearby: Loaded<Nearby>;
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly clear: () => void;
  /** Fetches the case as it is now; what was typed in a form stays. */
  readonly lookAgain: () => void;
  /** Makes a change against the revision on the screen and shows the case as it came out. */
  readonly change: (call: (known: DeskCase) => Promise<DeskCase>, then: (after: DeskCase) => void) => void;
}

export function useCase(id: string, version: number): OpenCase {
  const desk = useDesk();
  const whole = useLoaded(id, () => desk.api.case(id));
  const nearby = useLoaded(`nearby ${id}`, () => desk.api.nearby(id));
  const { busy, failure, clear, run } = useChange();
  useEffect(() => {
    if (version > 0) void whole.reload();
  }, [version]);
  const lookAgain = (): void => {
    // What was said of the collision stays until the case is here as it is now: a change before that would collide again.
    void whole.reload().finally(clear);
    void nearby.reload();
  };
  const change: OpenCase['change'] = (call, then) => {
    const known = whole.data;
    if (known === null) {
      desk.said.value = 'The case is still being fetched';
      return;
    }
    void run(
      () => call(known),
      (after) => {
        whole.put(after);
        then(after);
      },
    );
  };
  return { whole, nearby, busy, failure, clear, lookAgain, change };
}

/** The number of the newest step that can be taken back, which after a change is that change. */
export function newestStep({ undoable }: DeskCase): number | null {
  return undoable.length === 0 ? null : Math.max(...undoable.map(({ seq }) => seq));
}
