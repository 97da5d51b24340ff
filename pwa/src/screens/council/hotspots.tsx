/** Places that keep being hit, ranked as the council ranked them. */
import { sayDistance } from '../../shared/distance';
import type { HotspotRow } from '../../wire/types';
import type { WithId } from '../../outbox/types';
import { useApp } from '../app';
import { metresTo } from '../near';
import { AsOf, Empty } from '../parts/as-of';
import { Facts } from '../../parts/facts';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Navigate } from '../parts/navigate';
import { Row } from '../parts/rows';
import { href } from '../../parts/route';
import { counted, saidDay } from '../../parts/words/said';

export function Rank({ rank }: { readonly rank: number }) {
  return (
    <span class="rank figures">
      <span class="out-of-sight">Rank </span>
      {rank}
    </span>
  );
}

export function hotspotUnder(place: HotspotRow): readonly string[] {
  return [counted(place.count, 'case'), place.trend, `last ${saidDay(place.last)}`];
}

export function HotspotsScreen() {
  const { outbox } = useApp();
  const here = useHere();
  const hotspots = outbox.data.hotspots.value;
  return (
    <Screen title="Hotspots">
      <AsOf />
      {hotspots.length === 0 ? (
        <Empty>No place keeps being hit. The list is made again each night, and when enough has changed.</Empty>
      ) : null}
      <ol class="list">
        {hotspots.map((place) => (
          <Row
            key={place.id}
            to={href('hotspots', place.id)}
            lead={<Rank rank={place.rank} />}
            name={place.label ?? 'Place not named yet'}
            under={hotspotUnder(place)}
            metres={metresTo(place, here)}
          />
        ))}
      </ol>
    </Screen>
  );
}

export function HotspotScreen({ id }: { readonly id: string }) {
  const { outbox } = useApp();
  const place = outbox.data.hotspots.value.find((known) => known.id === id);
  const here = useHere();
  if (place === undefined) return <NoLongerListed />;
  const metres = metresTo(place, here);
  return (
    <Screen title={`Hotspot ${place.rank}`}>
      <p class="lead">{place.label ?? 'Place not named yet'}</p>
      <HotspotFacts place={place} metres={metres} />
      <p>When you pass, look. If something is there, report it: each report counts towards its rank.</p>
      <Navigate lat={place.lat} lon={place.lon} name={place.label} />
      <a class="button" href={href('map')}>
        See it on the map
      </a>
      <AsOf />
    </Screen>
  );
}

function HotspotFacts({ place, metres }: { readonly place: WithId<HotspotRow>; readonly metres: number | null }) {
  return (
    <Facts
      facts={[
        ['Cases', `${place.count}, from ${saidDay(place.first)} to ${saidDay(place.last)}`],
        ['Trend', place.trend],
        ['Extent', `${Math.round(place.extent_m)} m across`],
        ['From you', metres === null ? null : sayDistance(metres)],
      ]}
    />
  );
}

function NoLongerListed() {
  return (
    <Screen title="No longer a hotspot">
      <p>This place has left the list since you opened it.</p>
      <a class="button" href={href('hotspots')}>
        See the list
      </a>
    </Screen>
  );
}
