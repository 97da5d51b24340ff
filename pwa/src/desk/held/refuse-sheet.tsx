/** Refusing a report that is held back: why, in words that stay with it. */
import { useState } from 'preact/hooks';
import type { HeldReport } from '../../wire/held-types';
import { useDesk } from '../desk';
import { useChange } from '../load';
import { AreaField } from '../parts/fields';
import { Sheet } from '../parts/sheet';
import { Failed } from '../parts/states';

interface RefuseSheetProps {
  readonly held: HeldReport;
  readonly onRefused: () => void;
  readonly onClose: () => void;
}

export function RefuseSheet({ held: { report_id, receipt_code }, onRefused, onClose }: RefuseSheetProps) {
  const desk = useDesk();
  const change = useChange();
  const [reason, setReason] = useState('');
  const [wanting, setWanting] = useState<string | undefined>(undefined);
  const refuse = (event: Event): void => {
    event.preventDefault();
    const why = reason.trim();
    setWanting(why === '' ? 'Say why, in a few words: it stays with the report' : undefined);
    if (why === '') return;
    void change.run(
      () => desk.api.refuse(report_id, why),
      () => {
        desk.said.value = `${receipt_code} is refused`;
        onRefused();
      },
    );
  };
  const problem = wanting ?? change.failure?.fields.reason?.[0];
  return (
    <Sheet title={`Refuse ${receipt_code}`} onClose={onClose}>
      <form class="stack" onSubmit={refuse} noValidate>
        {change.failure === null ? null : <Failed failure={change.failure} />}
        <p>It gets no case. It is kept with its photos and your reason, and can still be released later.</p>
        <AreaField label="Why?" value={reason} onValue={setReason} problem={problem} />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={change.busy}>
            {change.busy ? 'Refusing…' : 'Refuse it'}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
