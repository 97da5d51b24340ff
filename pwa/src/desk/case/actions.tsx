/** What may be done next, and for a case that can take no decision, why not. */
import { Icon } from '../../parts/icons';
import type { DeskCase } from '../../wire/desk-types';
import { DeskIcon } from '../parts/icons';

/** The form that is open over the case. */
export type Form =
  | { readonly form: 'decide' | 'merge' | 'job' | 'correct' | 'map' }
  | { readonly form: 'split'; readonly report: string };

interface CaseActionsProps {
  readonly known: DeskCase;
  readonly busy: boolean;
  readonly onAccept: () => void;
  readonly onForm: (form: Form) => void;
}

export function CaseActions({ known, busy, onAccept, onForm }: CaseActionsProps) {
  const open = known.state !== 'closed';
  const decisions = known.next_steps.map(({ decision }) => decision);
  return (
    <div class="case-actions" role="group" aria-label="What to do">
      {decisions.includes('accept') ? (
        <button type="button" class="button slim main" aria-disabled={busy} onClick={onAccept}>
          <Icon name="check" />
          {busy ? 'Saving…' : 'Accept'}
        </button>
      ) : null}
      {decisions.length === 0 ? null : (
        <button type="button" class="button slim" onClick={() => onForm({ form: 'decide' })}>
          {open ? 'Decide…' : 'Reopen…'}
        </button>
      )}
      {open ? (
        <>
          <button type="button" class="button slim" onClick={() => onForm({ form: 'job' })}>
            <Icon name="jobs" />
            Give a job…
          </button>
          <button type="button" class="button slim" onClick={() => onForm({ form: 'merge' })}>
            <DeskIcon name="merge" />
            Merge…
          </button>
        </>
      ) : (
        <p class="soft">It is closed. To give a job or merge, reopen it first.</p>
      )}
      {known.lat === null ? (
        <button type="button" class="button slim" onClick={() => onForm({ form: 'map' })}>
          <Icon name="pin" />
          Put it on the map…
        </button>
      ) : null}
      <button type="button" class="button slim" onClick={() => onForm({ form: 'correct' })}>
        Correct…
      </button>
    </div>
  );
}
