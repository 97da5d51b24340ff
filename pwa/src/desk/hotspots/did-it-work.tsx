/** Did it work? A place before and after a camera, sign, gate or patrol, and never a claim the numbers do not carry. */
import { useState } from 'preact/hooks';
import { saidDay } from '../../parts/words/said';
import { MEASURES_TAKEN, type Effect, type HotspotPlace, type MeasureTaken } from '../../wire/figures-types';
import { useDesk } from '../desk';
import { useChange } from '../load';
import { DateField, SelectField } from '../parts/fields';
import { Failed } from '../parts/states';

export const measureNames: Readonly<Record<MeasureTaken, string>> = {
  camera: 'Camera',
  sign: 'Sign',
  gate: 'Gate',
  patrol: 'Patrol',
};

const choices = MEASURES_TAKEN.map((code) => ({ code, name: measureNames[code] }));
const asMeasure = (code: string): MeasureTaken => MEASURES_TAKEN.find((known) => known === code) ?? 'patrol';

export function DidItWork({ place }: { readonly place: HotspotPlace }) {
  return (
    <section class="part" aria-labelledby="effects">
      <h2 id="effects">Did it work?</h2>
      {place.effects.length === 0 ? <p class="soft">No camera or sign was put up in this place by a job yet.</p> : null}
      {place.effects.map((effect) => (
        <EffectOf key={effect.job_id} effect={effect} />
      ))}
      <Compare key={place.id} id={place.id} />
    </section>
  );
}

/** "Anything from 0.2 to 0.9 times as many fits these counts": the interval, without its name. */
export function saidInterval({ place: { ratio, low, high }, controls }: Effect): string {
  const times = (value: number): string => value.toLocaleString('en-GB', { maximumSignificantDigits: 2 });
  return `Held against ${controls} other places hit about as often, it came to ${times(ratio)} times as many; anything from ${times(low)} to ${times(high)} times fits counts this small.`;
}

function EffectOf({ effect }: { readonly effect: Effect }) {
  const { kind, start, days, word, because, place, ring, controls, controls_before, controls_after } = effect;
  const title = `${measureNames[kind]}, from ${saidDay(start)}: ${word}`;
  return (
    <article class="entry" aria-label={title}>
      <h3>
        {measureNames[kind]}, from {saidDay(start)}: <strong>{word}</strong>
      </h3>
      <p>{because}</p>
      <div class="scroll" tabIndex={0} role="group" aria-label={`Before and after: ${title}`}>
        <table class="figures-table">
          <thead>
            <tr>
              <td />
              <th scope="col">{days} days before</th>
              <th scope="col">{days} days after</th>
            </tr>
          </thead>
          <tbody>
            <Counts name="Here" before={place.before} after={place.after} />
            <Counts name="Around it, to 500 m" before={ring.before} after={ring.after} />
            <Counts name={`${controls} other places`} before={controls_before} after={controls_after} />
          </tbody>
        </table>
      </div>
      {controls === 0 ? null : <p>{saidInterval(effect)}</p>}
      <p class="soft">Counts can show that something changed when this began, not that this is why.</p>
    </article>
  );
}

function Counts({ name, before, after }: { readonly name: string; readonly before: number; readonly after: number }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{before}</td>
      <td class="number">{after}</td>
    </tr>
  );
}

/** For what no job tells of: a gate, a patrol, a camera of somebody else's. */
function Compare({ id }: { readonly id: string }) {
  const desk = useDesk();
  const [kind, setKind] = useState<MeasureTaken>('patrol');
  const [start, setStart] = useState('');
  const [wanting, setWanting] = useState<string | undefined>(undefined);
  const [found, setFound] = useState<Effect | null>(null);
  const { busy, failure, run } = useChange();
  const compare = (event: Event): void => {
    event.preventDefault();
    setWanting(start === '' ? 'Say on which day it began' : undefined);
    if (start === '') return;
    setFound(null);
    void run(
      () => desk.api.effect(id, kind, start),
      (effect) => {
        setFound(effect);
        desk.said.value = `${measureNames[effect.kind]}, from ${saidDay(effect.start)}: ${effect.word}`;
      },
    );
  };
  return (
    <>
      <form class="filter-fields" aria-label="Compare before and after a day" onSubmit={compare} noValidate>
        <SelectField label="What began" value={kind} choices={choices} onValue={(code) => setKind(asMeasure(code))} />
        <DateField label="On which day" value={start} onValue={setStart} problem={wanting ?? failure?.fields.start?.[0]} />
        <div class="field">
          <button type="submit" class="button" aria-disabled={busy}>
            {busy ? 'Comparing…' : 'Compare'}
          </button>
        </div>
      </form>
      {failure === null ? null : <Failed failure={failure} />}
      {found === null ? null : <EffectOf effect={found} />}
    </>
  );
}
