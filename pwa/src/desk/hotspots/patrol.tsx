/** The patrol sheet: the places to pass, made for paper. */
import { hazardNames, jobVerb, outcomeWords } from '../../parts/words/names';
import { counted, exactTime, saidDay } from '../../parts/words/said';
import { withQuery } from '../../wire/desk-api';
import type { PatrolPlace, PatrolSheet } from '../../wire/figures-types';
import { address, to } from '../address';
import { useDesk } from '../desk';
import { useLoaded } from '../load';
import { DeskIcon } from '../parts/icons';
import { Page } from '../parts/page';
import { Shown } from '../parts/states';
import { hotspotQuestion, saidWindow } from './question';

export function PatrolScreen() {
  const desk = useDesk();
  const { query } = address.value;
  const question = hotspotQuestion(query);
  const loaded = useLoaded(withQuery('patrol', question), () => desk.api.patrol(question));
  return (
    <Page
      title="Patrol sheet"
      actions={
        <div class="actions no-print">
          <button type="button" class="button slim main" onClick={() => window.print()}>
            <DeskIcon name="print" />
            Print
          </button>
          <a class="button slim" href={to(['hotspots'], query)}>
            All hotspots
          </a>
        </div>
      }
    >
      <Shown loaded={loaded}>{(sheet) => <Sheet sheet={sheet} />}</Shown>
    </Page>
  );
}

function Sheet({ sheet }: { readonly sheet: PatrolSheet }) {
  return (
    <>
      <p>
        {sheet.authority}. {sheet.title}
        {sheet.within.length === 0 ? '' : `, in ${sheet.within.map(({ name }) => name).join(' and ')}`}. Window {saidWindow(sheet.window)}, as at {exactTime(sheet.as_at)}.
      </p>
      {sheet.items.length === 0 ? <p>No place was hit often enough in this window.</p> : null}
      <ol class="patrol">
        {sheet.items.map((place) => (
          <Place key={place.id} place={place} />
        ))}
      </ol>
    </>
  );
}

function Place({ place }: { readonly place: PatrolPlace }) {
  const reference = useDesk().reference.value;
  const latest = place.done[0];
  return (
    <li>
      <h2>
        {place.rank === null ? '' : `${place.rank}. `}
        {place.label ?? 'Place not named yet'}
      </h2>
      <p class="figures wraps">
        {place.grid_reference ?? ''} {place.plus_code === null ? '' : `· ${place.plus_code}`} · {place.lat.toFixed(5)},{' '}
        {place.lon.toFixed(5)} · {Math.round(place.extent_m)} m across
      </p>
      <p>
        {counted(place.count, 'case')}, {saidDay(place.first)} to {saidDay(place.last)}, {place.trend}. {place.busiest ?? ''}
      </p>
      <p>Left there: {place.waste.map(({ name, count }) => `${name} (${count})`).join(', ')}.</p>
      {place.open_cases.map(({ reference: name, hazards }) => (
        <p key={name}>
          Open: <span class="figures">{name}</span>
          {hazards.length === 0 ? '' : `. Hazard: ${hazardNames(reference, hazards)}`}
        </p>
      ))}
      {latest === undefined ? null : (
        <p>
          Last done: {jobVerb[latest.kind]}, {outcomeWords(latest.kind, latest.result).toLowerCase()}, {saidDay(latest.at)}
        </p>
      )}
      <p class="write-in">Seen at ________ by ________ What: ________________________________</p>
    </li>
  );
}
