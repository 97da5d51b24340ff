/** One place that keeps being hit: how often, when, what, which way it goes, what was done and whether it worked. */
import { useMemo, useState } from 'preact/hooks';
import { MapView } from '../../map/map-view';
import type { Mark } from '../../map/types';
import { Facts } from '../../parts/facts';
import { HourPlot, MonthPlot, WasteMix, WeekdayPlot } from '../../parts/place-plots';
import { exactTime, saidDay } from '../../parts/words/said';
import { countedThings, saidChance, saidUsual } from '../../parts/words/usual';
import { withQuery } from '../../wire/desk-api';
import type { HotspotPlace } from '../../wire/figures-types';
import { address, goTo, to } from '../address';
import { useDesk } from '../desk';
import { useLoaded } from '../load';
import { Page } from '../parts/page';
import { Shown } from '../parts/states';
import { DidItWork } from './did-it-work';
import { Done, Measures } from './done-here';
import { HowWorkedOut } from './how-worked-out';
import { Members } from './members';
import { hotspotQuestion, saidWindow } from './question';
import { Rename } from './rename';

export function PlaceScreen({ id }: { readonly id: string }) {
  const desk = useDesk();
  const { query } = address.value;
  const question = hotspotQuestion(query);
  const loaded = useLoaded(withQuery(id, question), () => desk.api.hotspot(id, question));
  const [naming, setNaming] = useState(false);
  const place = loaded.data;
  const title = place === null ? 'Hotspot' : (place.label ?? 'Place not named yet');
  return (
    <Page
      key={id}
      title={title}
      actions={
        <div class="actions">
          {place === null ? null : (
            <button type="button" class="button slim" onClick={() => setNaming(true)}>
              {place.named ? 'Rename…' : 'Name it…'}
            </button>
          )}
          <a class="button slim" href={to(['hotspots'], query)}>
            All hotspots
          </a>
        </div>
      }
    >
      <Shown loaded={loaded}>{(shown) => <Place place={shown} ofWindow={'window_days' in question || 'as_of' in question} />}</Shown>
      {place !== null && naming ? (
        <Rename place={place} onLook={loaded.reload} onClose={() => setNaming(false)} />
      ) : null}
    </Page>
  );
}

interface PlaceProps {
  readonly place: HotspotPlace;
  /** The figures are of a window of the officer's own, not of the nightly list. */
  readonly ofWindow: boolean;
}

function Place({ place, ofWindow }: PlaceProps) {
  return (
    <>
      <p class="case-facts">
        {ofWindow ? null : <strong>{place.rank === null ? 'Not on the nightly list now' : `Rank ${place.rank}`}</strong>}
        <span>{countedThings(place.count, place.kind)}</span>
        <span>trend: {place.trend}</span>
        {place.busiest === null || place.busiest === '' ? null : <span>{place.busiest}</span>}
      </p>
      <Usual place={place} ofWindow={ofWindow} />
      <p class="soft">
        Window {saidWindow(place.window)}, as at {exactTime(place.as_at)}.
      </p>
      <div class="list-and-map">
        <div class="column">
          <PlaceFacts place={place} />
          <MonthPlot months={place.months} />
          <HourPlot hours={place.hours} />
          <WeekdayPlot weekdays={place.weekdays} />
          <WasteMix waste={place.waste} />
        </div>
        <PlaceMap place={place} />
      </div>
      <DidItWork place={place} />
      <Measures measures={place.measures} />
      <Done place={place} />
      <Members members={place.member_rows} />
    </>
  );
}

function Usual({ place, ofWindow }: PlaceProps) {
  if (place.expected === null) {
    return ofWindow ? <p class="soft">What would be usual here is worked out for whole lists: see it in the list of this window.</p> : null;
  }
  const { background, by_chance: byChance } = place;
  return (
    <>
      <p>
        <strong>{saidUsual(place, place.window.days ?? 365)}</strong> {saidChance(place.usual, place.p)}
      </p>
      <HowWorkedOut kind={place.kind} background={background} byChance={byChance} />
    </>
  );
}

function PlaceFacts({ place }: { readonly place: HotspotPlace }) {
  const { counts } = place;
  return (
    <Facts
      facts={[
        ['First', saidDay(place.first)],
        ['Last', saidDay(place.last)],
        ['Lately', `${counts[30]} in 30 days, ${counts[90]} in 90 days, ${counts[365]} in a year`],
        ['Extent', `${Math.round(place.extent_m)} m across`],
        ['Name', place.named ? 'Given by a person: no new list changes it' : 'Taken from the map'],
      ]}
    />
  );
}

function PlaceMap({ place }: { readonly place: HotspotPlace }) {
  const desk = useDesk();
  const marks = useMemo<readonly Mark[]>(() => {
    const cases = place.member_rows.map(({ id, reference, lat, lon }) => {
      return { id, kind: 'case' as const, face: 'C', name: `Case ${reference}`, lat, lon };
    });
    const { id, rank, lat, lon, extent_m: extentM } = place;
    const face = rank === null ? 'H' : String(rank);
    return [...cases, { id, kind: 'hotspot', face, name: 'The middle of this place', lat, lon, extentM }];
  }, [place]);
  return (
    <section aria-label="Map of this place" class="beside">
      <MapView
        base={desk.map.value}
        bounds={null}
        marks={marks}
        me={null}
        onMark={({ kind, id }) => {
          if (kind === 'case') goTo(['cases', id]);
        }}
      />
    </section>
  );
}
