/** Everything that happened, in one line: to the case, its reports and its jobs. */
import type { DeskCase, TimelineEntry } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { DeskIcon } from '../parts/icons';
import { Time } from '../parts/time';
import type { OpenCase } from './use-case';

interface TimelinePartProps {
  readonly known: DeskCase;
  readonly open: OpenCase;
  readonly onChanged: (known: DeskCase, gone: readonly string[]) => void;
}

export function TimelinePart({ known, open, onChanged }: TimelinePartProps) {
  const desk = useDesk();
  const canUndo = ({ stream, subject_id, seq }: TimelineEntry): boolean =>
    stream === 'case' && subject_id === known.id && known.undoable.some((step) => step.seq === seq);
  const undo = (seq: number, what: string): void =>
    open.change(
      () => desk.api.undo(known.id, seq),
      (after) => {
        desk.said.value = `Undone: ${what}`;
        onChanged(after, []);
      },
    );
  return (
    <section class="part" aria-labelledby="timeline">
      <h2 id="timeline">What happened</h2>
      <ol class="timeline">
        {known.timeline.map((entry) => (
          <li key={`${entry.subject_id} ${entry.seq}`} class={entry.undone ? 'undone' : undefined}>
            <p class="timeline-when soft">
              <Time at={entry.at} /> · {entry.by}
            </p>
            <p>
              {entry.undone ? <s>{entry.what}</s> : entry.what}
              {entry.undone ? <span class="soft"> (undone)</span> : null}
            </p>
            {entry.text === null || entry.text === '' ? null : <blockquote>{entry.text}</blockquote>}
            {canUndo(entry) ? (
              <button type="button" class="button slim" aria-disabled={open.busy} onClick={() => undo(entry.seq, entry.what)}>
                <DeskIcon name="undo" />
                <span>
                  Undo<span class="out-of-sight">: {entry.what}</span>
                </span>
              </button>
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
