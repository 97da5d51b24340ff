/** Giving a crew a job on the case. */
import { useEffect, useState } from 'preact/hooks';
import { Chips, type Choice } from '../../parts/choices';
import { jobVerb } from '../../parts/words/names';
import { officeMoment } from '../../parts/words/said';
import type { JobKind } from '../../wire/types';
import { attempt, useDesk } from '../desk';
import { AreaField, DateField, SelectField } from '../parts/fields';
import { Sheet } from '../parts/sheet';
import { RefusedChange } from './collision';
import type { FormProps } from './forms';

const kinds: readonly JobKind[] = ['clear', 'inspect'];
const anyCrew: Choice = { code: '', name: 'Any crew' };

function useCrews(): readonly Choice[] {
  const desk = useDesk();
  const [crews, setCrews] = useState<readonly Choice[]>([anyCrew]);
  useEffect(() => {
    void attempt(desk, () => desk.api.everybody({ role: 'crew' })).then((found) => {
      if (!found.ok) return;
      const working = found.value.filter(({ disabled, role }) => !disabled && role === 'crew');
      setCrews([anyCrew, ...working.map(({ id, name }) => ({ code: id, name }))]);
    });
  }, []);
  return crews;
}

export function JobForm({ known, open, onDone, onClose }: FormProps) {
  const desk = useDesk();
  const crews = useCrews();
  const [kind, setKind] = useState<JobKind>('clear');
  const [crew, setCrew] = useState('');
  const [due, setDue] = useState('');
  const [text, setText] = useState('');
  const fields = open.failure?.fields ?? {};
  const give = (event: Event): void => {
    event.preventDefault();
    open.change(
      () => desk.api.giveJob(known.id, { kind, text: text.trim(), crew_id: crew === '' ? null : crew, due_at: officeMoment(due)?.toISOString() ?? null }),
      (after) => onDone(after, `Job given: ${jobVerb[kind]}`),
    );
  };
  return (
    <Sheet title={`Give a job on ${known.reference}`} onClose={onClose}>
      <form class="stack" onSubmit={give} noValidate>
        {open.failure === null ? null : <RefusedChange failure={open.failure} onLook={open.lookAgain} />}
        <Chips
          legend="What is to be done?"
          choices={kinds.map((code) => ({ code, name: jobVerb[code] }))}
          chosen={[kind]}
          single
          onChange={([chosen]) => setKind(kinds.find((code) => code === chosen) ?? 'clear')}
        />
        <SelectField label="Crew" value={crew} choices={crews} onValue={setCrew} problem={fields.crew_id?.[0]} />
        <DateField label="Due (if it matters)" time value={due} onValue={setDue} problem={fields.due_at?.[0]} />
        <AreaField label="What the crew should know" value={text} onValue={setText} problem={fields.text?.[0]} />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={open.busy}>
            {open.busy ? 'Giving…' : 'Give the job'}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
