/** Places that keep being hit: list and map together, for any window. */
import { useMemo } from 'preact/hooks';
import { Facts } from '../../parts/facts';
import { usualWords } from '../../parts/words/names';
import { saidDay } from '../../parts/words/said';
import { countedThings, isUsual, saidUsual } from '../../parts/words/usual';
import { MapView } from '../../map/map-view';
import type { Mark } from '../../map/types';
import { hotspotFile, withQuery } from '../../wire/desk-api';
import type { DeskHotspot, HotspotList } from '../../wire/figures-types';
import { address, goTo, to } from '../address';
import { useDesk } from '../desk';
import { usePaged } from '../load';
import { DateField, SelectField } from '../parts/fields';
import { DeskIcon } from '../parts/icons';
import { More } from '../parts/more';
import { Page } from '../parts/page';
import { Shown } from '../parts/states';
import { areaKinds } from '../words';
import { withAnswer } from '../queue/filters';
import { HowWorkedOut } from './how-worked-out';
import {
  areaChoices, daysFrom, firstDay, hotspotKinds, hotspotQuestion, leastChoices, listAreas, saidRun, windowChoices,
} from './question';

export function HotspotsScreen() {
  const desk = useDesk();
  const { query } = address.value;
  const question = hotspotQuestion(query);
  const loaded = usePaged(withQuery('hotspots', question), (page) => desk.api.hotspots({ ...question, ...page }));
  return (
    <Page
      title="Hotspots"
      actions={
        <div class="actions">
          <a class="button slim" href={to(['hotspots', 'patrol'], query)}>
            <DeskIcon name="print" />
            Patrol sheet
          </a>
          <a class="button slim" href={hotspotFile(question, 'csv')} download="hotspots.csv">
            CSV
          </a>
          <a class="button slim" href={hotspotFile(question, 'geojson')} download="hotspots.geojson">
            GeoJSON
          </a>
        </div>
      }
    >
      <Question />
      <Shown loaded={loaded}>{(list) => <Places list={list} />}</Shown>
      <More list={loaded} />
    </Page>
  );
}

function Question() {
  const desk = useDesk();
  const { query } = address.value;
  const now = desk.now.value;
  const answer = (name: string) => (value: string) => goTo(['hotspots'], withAnswer(query, name, value));
  return (
    <form class="filter-fields" aria-label="Which hotspots" onSubmit={(event) => event.preventDefault()}>
      <SelectField label="Kind" value={query.kind ?? ''} choices={hotspotKinds} onValue={answer('kind')} />
      <SelectField label="Window" value={query.window_days ?? ''} choices={windowChoices} onValue={answer('window_days')} />
      <DateField
        label="From"
        value={firstDay(query, now)}
        onValue={(day) => answer('window_days')(daysFrom(day, query, now))}
      />
      <DateField label="Up to" value={query.as_of ?? ''} onValue={answer('as_of')} />
      <SelectField label="At least" value={query.min ?? '2'} choices={leastChoices} onValue={answer('min')} />
      {listAreas.map((kind) => {
        const choices = areaChoices(desk.map.value, kind);
        if (choices.length === 0 && query[kind] === undefined) return null;
        return <SelectField key={kind} label={areaKinds[kind]} value={query[kind] ?? ''} choices={choices} onValue={answer(kind)} />;
      })}
    </form>
  );
}

function Places({ list: { items, run, within } }: { readonly list: HotspotList }) {
  const kind = address.value.query.kind === 'incident' ? 'incident' : 'fly_tip';
  if (run === null) {
    return <p class="soft">No list has been made yet. It is made each night, and when enough has changed.</p>;
  }
  return (
    <>
      <p class="soft">{saidRun(run, within)}</p>
      <HowWorkedOut kind={kind} background={run.background} byChance={run.by_chance?.[kind] ?? null} />
      {items.length === 0 ? <p>No place was hit that often in this window{within.length === 0 ? '' : ' there'}.</p> : null}
      <div class="list-and-map">
        <ol class="places">
          {items.map((place) => (
            <PlaceRow key={place.id} place={place} days={run.window_days} />
          ))}
        </ol>
        <PlacesMap items={items} />
      </div>
    </>
  );
}

function PlaceRow({ place, days }: { readonly place: DeskHotspot; readonly days: number }) {
  const usual = usualWords(isUsual(place.q));
  return (
    <li class="place-row">
      <p class="rank figures">
        <span class="out-of-sight">Rank </span>
        {place.rank ?? '–'}
      </p>
      <div>
        <a class="touch" href={to(['hotspots', place.id], address.value.query)}>
          {place.label ?? 'Place not named yet'}
        </a>
        <Facts
          facts={[
            ['How often', place.expected === null ? countedThings(place.count, place.kind) : saidUsual(place, days)],
            ['Against chance', usual],
            ['Seen', `${saidDay(place.first)} to ${saidDay(place.last)}`],
            ['Trend', `${place.trend}, over ${Math.round(place.extent_m)} m`],
          ]}
        />
      </div>
    </li>
  );
}

function PlacesMap({ items }: { readonly items: readonly DeskHotspot[] }) {
  const desk = useDesk();
  const session = desk.session.value;
  const marks = useMemo<readonly Mark[]>(
    () =>
      items.map(({ id, rank, label, lat, lon, extent_m: extentM }) => {
        const face = rank === null ? 'H' : String(rank);
        return { id, kind: 'hotspot', face, name: `Hotspot ${face}, ${label ?? 'not named'}`, lat, lon, extentM };
      }),
    [items],
  );
  return (
    <section aria-label="Map of the hotspots" class="beside">
      <MapView
        key={marks.map(({ id }) => id).join()}
        base={desk.map.value}
        bounds={session.status === 'signed_in' ? session.authority.bounds : null}
        marks={marks}
        me={null}
        onMark={({ id }) => goTo(['hotspots', id], address.value.query)}
      />
    </section>
  );
}
