/** Choosing other cases: those nearby first, any other by search. */
import { useState } from 'preact/hooks';
import type { CaseState } from '../../wire/desk-types';
import { sayDistance } from '../../shared/distance';
import { useDesk, type Failure } from '../desk';
import { attempt } from '../desk';
import { TextField } from '../parts/fields';
import { Failed } from '../parts/states';
import { saidState } from '../words';

export interface Picked {
  readonly id: string;
  readonly reference: string;
  readonly label: string | null;
  readonly state: CaseState;
  readonly closed_because: string | null;
  readonly distance_m?: number;
}

interface CasePickerProps {
  readonly legend: string;
  readonly candidates: readonly Picked[];
  readonly notThese: readonly string[];
  readonly chosen: readonly Picked[];
  readonly onChosen: (chosen: readonly Picked[]) => void;
  readonly many?: boolean;
  readonly problem?: string | undefined;
}

const MOST_FOUND = '10';

function under({ state, closed_because, distance_m }: Picked): string {
  const parts = [saidState(state, closed_because), ...(distance_m === undefined ? [] : [`${sayDistance(distance_m)} away`])];
  return parts.join(' · ');
}

export function CasePicker({ legend, candidates, notThese, chosen, onChosen, many = false, problem }: CasePickerProps) {
  const desk = useDesk();
  const [words, setWords] = useState('');
  const [found, setFound] = useState<readonly Picked[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const search = async (): Promise<void> => {
    const answer = await attempt(desk, () => desk.api.cases({ q: words.trim(), limit: MOST_FOUND }));
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok) return;
    setFound(answer.value.items.filter(({ id }) => !notThese.includes(id)));
    desk.said.value = `${answer.value.items.length} found`;
  };
  const listed = found ?? candidates;
  const shown = [...chosen.filter(({ id }) => !listed.some((one) => one.id === id)), ...listed];
  const choose = (picked: Picked, on: boolean): void => {
    const others = many ? chosen.filter(({ id }) => id !== picked.id) : [];
    onChosen(on ? [...others, picked] : others);
  };
  return (
    <fieldset class="stack">
      <legend>{legend}</legend>
      {problem === undefined ? null : (
        <p class="hint red" role="alert">
          {problem}
        </p>
      )}
      {failure === null ? null : <Failed failure={failure} />}
      {shown.length === 0 ? <p class="soft">{found === null ? 'No case is near. Search for one.' : 'None found.'}</p> : null}
      <div class="picks">
        {shown.map((picked) => (
          <label key={picked.id} class="decision">
            <input
              type={many ? 'checkbox' : 'radio'}
              name="other-case"
              checked={chosen.some(({ id }) => id === picked.id)}
              onChange={(event) => choose(picked, event.currentTarget.checked)}
            />
            <span>
              <strong>
                <span class="figures">{picked.reference}</span> {picked.label ?? 'Place not known yet'}
              </strong>
              <span class="soft">{under(picked)}</span>
            </span>
          </label>
        ))}
      </div>
      <div class="search">
        <TextField label="Search for another" type="search" value={words} onValue={setWords} />
        <button type="button" class="button slim" onClick={() => void search()}>
          Search
        </button>
      </div>
    </fieldset>
  );
}
