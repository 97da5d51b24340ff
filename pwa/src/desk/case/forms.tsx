/** The forms over a case: decide, merge, split, give a job, correct. One at a time. */
import { useState } from 'preact/hooks';
import type { DecisionOf, DeskCase } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { AreaField } from '../parts/fields';
import { Sheet } from '../parts/sheet';
import type { Form } from './actions';
import { CasePicker, type Picked } from './case-picker';
import { RefusedChange } from './collision';
import { CorrectForm } from './correct-form';
import { DecideSheet } from './decide-sheet';
import { JobForm } from './job-form';
import { PutOnMap } from './put-on-map';
import type { OpenCase } from './use-case';

interface CaseFormsProps {
  readonly form: Form | null;
  readonly known: DeskCase;
  readonly open: OpenCase;
  readonly onDecide: (decision: DecisionOf) => void;
  readonly onChanged: (known: DeskCase, gone: readonly string[]) => void;
  readonly onClose: () => void;
}

export interface FormProps {
  readonly known: DeskCase;
  readonly open: OpenCase;
  /** The change was made: tells what, and which cases went into this one. */
  readonly onDone: (after: DeskCase, words: string, gone?: readonly string[]) => void;
  readonly onClose: () => void;
}

export function CaseForms({ form, known, open, onDecide, onChanged, onClose }: CaseFormsProps) {
  const desk = useDesk();
  if (form === null) return null;
  const done: FormProps['onDone'] = (after, words, gone = []) => {
    desk.said.value = words;
    onClose();
    onChanged(after, gone);
    void open.nearby.reload();
  };
  const common = { known, open, onDone: done, onClose };
  switch (form.form) {
    case 'decide':
      return (
        <DecideSheet
          about={known.reference}
          decisions={known.next_steps.map(({ decision }) => decision).filter((decision) => decision !== 'accept')}
          candidates={openFirst(open.nearby.data?.items ?? [])}
          notThese={[known.id]}
          busy={open.busy}
          failure={open.failure}
          onDecide={onDecide}
          onLook={open.lookAgain}
          onClose={onClose}
        />
      );
    case 'merge':
      return <MergeForm {...common} />;
    case 'split':
      return <SplitForm {...common} report={form.report} />;
    case 'job':
      return <JobForm {...common} />;
    case 'map':
      return <PutOnMap {...common} />;
    case 'correct':
      return <CorrectForm {...common} />;
  }
}

/** A case that still goes on is the likelier one to go on with. */
function openFirst(cases: readonly Picked[]): readonly Picked[] {
  return [...cases.filter(({ state }) => state !== 'closed'), ...cases.filter(({ state }) => state === 'closed')];
}

function MergeForm({ known, open, onDone, onClose }: FormProps) {
  const desk = useDesk();
  const [others, setOthers] = useState<readonly Picked[]>([]);
  const [reason, setReason] = useState('');
  const [wanting, setWanting] = useState<string | undefined>(undefined);
  const merge = (event: Event): void => {
    event.preventDefault();
    setWanting(others.length === 0 ? 'Choose at least one case to take in' : undefined);
    if (others.length === 0) return;
    const ids = others.map(({ id }) => id);
    const references = others.map(({ reference }) => reference).join(', ');
    open.change(
      (shown) => desk.api.merge(known.id, shown.rev, ids, reason.trim()),
      (after) => onDone(after, `Merged ${references} into ${after.reference}`, ids),
    );
  };
  const near = (open.nearby.data?.items ?? []).filter(({ state, kind }) => state !== 'closed' && kind === known.kind);
  return (
    <Sheet title={`Merge other cases into ${known.reference}`} onClose={onClose}>
      <form class="stack" onSubmit={merge} noValidate>
        {open.failure === null ? null : <RefusedChange failure={open.failure} onLook={open.lookAgain} />}
        <p>Their reports move here and they are closed as duplicates. For a day it can be undone.</p>
        <CasePicker
          legend="Which cases are the same thing?"
          candidates={near}
          notThese={[known.id]}
          chosen={others}
          onChosen={setOthers}
          many
          problem={wanting}
        />
        <AreaField label="Why (if it matters)" value={reason} onValue={setReason} />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={open.busy}>
            {open.busy ? 'Merging…' : 'Merge'}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

function SplitForm({ known, open, onDone, onClose, report }: FormProps & { readonly report: string }) {
  const desk = useDesk();
  const [reason, setReason] = useState('');
  const code = known.reports_detail.find(({ id }) => id === report)?.receipt_code ?? '';
  const split = (event: Event): void => {
    event.preventDefault();
    open.change(
      (shown) => desk.api.split(known.id, shown.rev, report, reason.trim()),
      (after) => onDone(after, `Report ${code} now has a case of its own`),
    );
  };
  return (
    <Sheet title={`Split off report ${code}`} onClose={onClose}>
      <form class="stack" onSubmit={split} noValidate>
        {open.failure === null ? null : <RefusedChange failure={open.failure} onLook={open.lookAgain} />}
        <p>The report leaves {known.reference} and gets a case of its own. For a day it can be undone.</p>
        <AreaField label="Why (if it matters)" value={reason} onValue={setReason} />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={open.busy}>
            {open.busy ? 'Splitting…' : 'Split off'}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
