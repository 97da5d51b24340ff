/** Places that keep being hit, ranked as the council ranked them, and where they are. */
import { useMemo } from 'preact/hooks';
import { useApp } from '../app';
import { metresTo } from '../near';
import { AsOf, Empty } from '../parts/as-of';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Row } from '../parts/rows';
import { go, href } from '../../parts/route';
import { hotspotMark, PhoneMap } from '../map/phone-map';
import { hotspotUnder, Rank } from './hotspot-row';
import '../../styles/low-map.css';

export function HotspotsScreen() {
  const { outbox } = useApp();
  const here = useHere();
  const hotspots = outbox.data.hotspots.value;
  const marks = useMemo(() => hotspots.map(hotspotMark), [hotspots]);
  return (
    <Screen title="Hotspots">
      <AsOf />
      {hotspots.length === 0 ? (
        <Empty>No place keeps being hit. The list is made again each night, and when enough has changed.</Empty>
      ) : (
        <section class="part low-map" aria-label="Map of the hotspots">
          <PhoneMap marks={marks} onMark={({ id }) => go('hotspots', id)} />
        </section>
      )}
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
