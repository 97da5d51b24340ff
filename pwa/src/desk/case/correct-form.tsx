/** Correcting what a case says it is: category, hazards, and the name of its place. */
import { useState } from 'preact/hooks';
import { Chips } from '../../parts/choices';
import { useDesk } from '../desk';
import { SelectField, TextField } from '../parts/fields';
import { Sheet } from '../parts/sheet';
import { RefusedChange } from './collision';
import type { FormProps } from './forms';

export function CorrectForm({ known, open, onDone, onClose }: FormProps) {
  const desk = useDesk();
  const reference = desk.reference.value;
  const [category, setCategory] = useState(known.category);
  const [hazards, setHazards] = useState<readonly string[]>(known.hazards);
  const [label, setLabel] = useState(known.label ?? '');
  const fields = open.failure?.fields ?? {};
  const save = (event: Event): void => {
    event.preventDefault();
    const corrected = {
      ...(category === known.category ? {} : { category }),
      ...(hazards === known.hazards ? {} : { hazards: [...hazards] }),
      ...(label.trim() === (known.label ?? '') ? {} : { label: label.trim() }),
    };
    if (Object.keys(corrected).length === 0) {
      onClose();
      return;
    }
    open.change(
      (shown) => desk.api.correct(known.id, shown.rev, corrected),
      (after) => onDone(after, `Corrected ${after.reference}`),
    );
  };
  return (
    <Sheet title={`Correct ${known.reference}`} onClose={onClose}>
      <form class="stack" onSubmit={save} noValidate>
        {open.failure === null ? null : <RefusedChange failure={open.failure} onLook={open.lookAgain} />}
        <p>The reports stay as they were sent. What you write here is what the council says.</p>
        <TextField label="Place, as it should be called" value={label} onValue={setLabel} problem={fields.label?.[0]} />
        <SelectField
          label="What it is"
          value={category}
          choices={(reference?.categories ?? []).filter(({ kind }) => kind === known.kind)}
          onValue={setCategory}
          problem={fields.category?.[0]}
        />
        <Chips legend="Hazards" choices={reference?.hazards ?? []} chosen={hazards} onChange={setHazards} care />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={open.busy}>
            {open.busy ? 'Saving…' : 'Save'}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
