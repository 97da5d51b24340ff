/** Deciding another way than by one press: which decision, why, and for a duplicate of which case. */
import { useState } from 'preact/hooks';
import type { Decision, DecisionOf } from '../../wire/desk-types';
import type { Failure } from '../desk';
import { AreaField } from '../parts/fields';
import { Sheet } from '../parts/sheet';
import { decisionWords } from '../words';
import { CasePicker, type Picked } from './case-picker';
import { RefusedChange } from './collision';

interface DecideSheetProps {
  /** What is decided on: "NW-26-00123" or "12 cases". */
  readonly about: string;
  readonly decisions: readonly Decision[];
  /** Cases that may be the one this repeats, nearest first. */
  readonly candidates: readonly Picked[];
  /** Cases that cannot be chosen as the other one. */
  readonly notThese: readonly string[];
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly onDecide: (decision: DecisionOf) => void;
  readonly onLook: () => void;
  readonly onClose: () => void;
}

interface Typed {
  readonly decision: Decision | null;
  readonly reason: string;
  readonly other: Picked | null;
}

interface Wants {
  readonly decision?: string;
  readonly reason?: string;
  readonly other?: string;
}

/** What is still missing, by field, before the server is asked. */
export function missing({ decision, reason, other }: Typed): Wants {
  if (decision === null) return { decision: 'Choose a decision' };
  const why = decisionWords[decision].needsReason && reason.trim() === '';
  return {
    ...(why ? { reason: 'Say why, in a few words: it stays with the case' } : {}),
    ...(decision === 'duplicate' && other === null ? { other: 'Choose the case that this one repeats' } : {}),
  };
}

export function DecideSheet(props: DecideSheetProps) {
  const { about, decisions, candidates, notThese, busy, failure, onDecide, onLook, onClose } = props;
  const [decision, setDecision] = useState<Decision | null>(decisions.length === 1 ? (decisions[0] ?? null) : null);
  const [reason, setReason] = useState('');
  const [other, setOther] = useState<Picked | null>(null);
  const [wants, setWants] = useState<Wants>({});
  const decide = (event: Event): void => {
    event.preventDefault();
    const lacking = missing({ decision, reason, other });
    setWants(lacking);
    if (decision === null || Object.keys(lacking).length > 0) return;
    const duplicate_of = decision === 'duplicate' ? (other?.id ?? null) : null;
    onDecide({ decision, reason: reason.trim(), duplicate_of });
  };
  return (
    <Sheet title={`Decide on ${about}`} onClose={onClose}>
      <form class="stack" onSubmit={decide} noValidate>
        {failure === null ? null : <RefusedChange failure={failure} onLook={onLook} />}
        <fieldset class="decisions">
          <legend>Decision</legend>
          {wants.decision === undefined ? null : (
            <p class="hint red" role="alert">
              {wants.decision}
            </p>
          )}
          {decisions.map((code) => (
            <label key={code} class="decision">
              <input type="radio" name="decision" value={code} checked={decision === code} onChange={() => setDecision(code)} />
              <span>
                <strong>{decisionWords[code].action}</strong>
                <span class="soft">{decisionWords[code].means}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {decision === 'duplicate' ? (
          <CasePicker
            legend="Which case does it repeat?"
            candidates={candidates.filter(({ id }) => !notThese.includes(id))}
            notThese={notThese}
            chosen={other === null ? [] : [other]}
            onChosen={(chosen) => setOther(chosen[0] ?? null)}
            problem={wants.other}
          />
        ) : null}
        <AreaField
          label={decision !== null && decisionWords[decision].needsReason ? 'Why' : 'Why (if it matters)'}
          value={reason}
          onValue={setReason}
          problem={wants.reason}
        />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={busy}>
            {busy ? 'Saving…' : decision === null ? 'Decide' : decisionWords[decision].action}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
