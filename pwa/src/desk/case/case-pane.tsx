/** A case, in the order an officer asks: what and where; how sure; what happened; what may I do next. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { Icon } from '../../parts/icons';
import type { DecisionOf, DeskCase } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { useArrival } from '../parts/page';
import { Shown } from '../parts/states';
import type { PaneActions } from '../queue/use-queue';
import type { Last } from '../queue/use-triage';
import { decisionWords } from '../words';
import { CaseActions, type Form } from './actions';
import { CaseForms } from './forms';
import { CaseMap } from './case-map';
import { RefusedChange } from './collision';
import { CaseHead } from './head';
import { JobsPart } from './jobs-part';
import { NearbyPart, PlacePart } from './place-part';
import { NotesPart } from './notes-part';
import { PhotosPart } from './photos';
import { ReportsPart } from './reports-part';
import { TimelinePart } from './timeline';
import { newestStep, useCase, type OpenCase } from './use-case';

interface CasePaneProps {
  readonly id: string;
  /** Changes when something outside this pane has changed the case. */
  readonly version: number;
  readonly actions: RefObject<PaneActions | null>;
  readonly onDecided: (id: string, told: Last) => void;
  /** The case as it is after a change, and cases that went into it. */
  readonly onChanged: (known: DeskCase, gone: readonly string[]) => void;
  readonly onBack: () => void;
}

export function CasePane({ id, version, actions, onDecided, onChanged, onBack }: CasePaneProps) {
  const desk = useDesk();
  const open = useCase(id, version);
  const [form, setForm] = useState<Form | null>(null);
  const [photo, setPhoto] = useState<number | null>(null);
  const known = open.whole.data;
  const heading = useArrival(known === null ? 'Case' : `${known.reference} ${known.label ?? ''}`);
  const decide = (decision: DecisionOf): void =>
    open.change(
      (shown) => desk.api.decide(id, shown.rev, decision),
      (after) => {
        setForm(null);
        const seq = newestStep(after);
        const undo = seq === null ? [] : [{ id, reference: after.reference, seq }];
        onChanged(after, []);
        onDecided(id, { words: `${decisionWords[decision.decision].done}: ${after.reference}`, undo, troubles: [] });
      },
    );
  const show = (next: Form): void => {
    open.clear();
    setForm(next);
  };
  const accept = (): void => {
    if (known?.next_steps.some(({ decision }) => decision === 'accept')) decide({ decision: 'accept', reason: '', duplicate_of: null });
    else desk.said.value = known === null ? 'The case is still being fetched' : 'This case cannot be accepted: it has been decided';
  };
  // At once, not after the paint: a key pressed the moment the case shows must reach it.
  useLayoutEffect(() => {
    actions.current = { accept, decide: () => show({ form: 'decide' }), photos: () => setPhoto(0) };
    return () => {
      actions.current = null;
    };
  });
  return (
    <article class="case-pane" aria-label="The open case">
      <button type="button" class="button slim back-to-list" onClick={onBack}>
        <Icon name="back" />
        Back to the list
      </button>
      <h1 ref={heading} tabIndex={-1} class="case-title">
        {known === null ? 'Case' : (known.label ?? 'Place not known yet')}
      </h1>
      <Shown loaded={open.whole}>
        {(shown) => (
          <>
            <CaseHead known={shown} />
            {open.failure === null || form !== null ? null : <RefusedChange failure={open.failure} onLook={open.lookAgain} />}
            <CaseActions known={shown} busy={open.busy} onAccept={accept} onForm={show} />
            <CaseBody known={shown} open={open} photo={photo} onPhoto={setPhoto} onForm={show} onChanged={onChanged} />
            <CaseForms form={form} known={shown} open={open} onDecide={decide} onChanged={onChanged} onClose={() => setForm(null)} />
          </>
        )}
      </Shown>
    </article>
  );
}

interface CaseBodyProps {
  readonly known: DeskCase;
  readonly open: OpenCase;
  readonly photo: number | null;
  readonly onPhoto: (index: number | null) => void;
  readonly onForm: (form: Form) => void;
  readonly onChanged: CasePaneProps['onChanged'];
}

function CaseBody({ known, open, photo, onPhoto, onForm, onChanged }: CaseBodyProps) {
  return (
    <div class="columns">
      <div class="column">
        <PhotosPart known={known} shown={photo} onShow={onPhoto} />
        <ReportsPart known={known} onSplit={(report) => onForm({ form: 'split', report })} onLooked={() => void open.whole.reload()} />
        <JobsPart known={known} />
        <NotesPart known={known} open={open} onChanged={onChanged} />
      </div>
      <div class="column">
        <CaseMap known={known} nearby={open.nearby} />
        <PlacePart known={known} />
        <NearbyPart nearby={open.nearby} />
        <TimelinePart known={known} open={open} onChanged={onChanged} />
      </div>
    </div>
  );
}
