/** Places that keep being hit, ranked as the council ranked them. */
import type { HotspotRow } from '../../wire/types';
import { useApp } from '../app';
import { metresTo } from '../near';
import { AsOf, Empty } from '../parts/as-of';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Row } from '../parts/rows';
import { href } from '../../parts/route';
import { usualWords } from '../../parts/words/names';
import { counted, saidDay } from '../../parts/words/said';

export function Rank({ rank }: { readonly rank: number }) {
  return (
    <span class="rank figures">
      <span class="out-of-sight">Rank </span>
      {rank}
    </span>
  );
}

export function hotspotUnder({ count, trend, last, evidence }: HotspotRow): readonly (string | null)[] {
  return [counted(count, 'case'), trend, usualWords(evidence?.usual ?? null) || null, `last ${saidDay(last)}`];
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
