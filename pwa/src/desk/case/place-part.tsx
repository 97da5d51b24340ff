/** Where it is and how sure that is, and what else is near. */
import { Facts, type Fact } from '../../parts/facts';
import { counted } from '../../parts/words/said';
import type { AreaKind } from '../../map/types';
import { sayDistance } from '../../shared/distance';
import type { DeskCase, Nearby } from '../../wire/desk-types';
import { address, to } from '../address';
import type { Loaded } from '../load';
import { Shown } from '../parts/states';
import { Time } from '../parts/time';
import { areaKinds, saidState, serviceWords } from '../words';

/** How sure the place is: the best that any of its reports says. */
export function howSure({ reports_detail: reports }: Pick<DeskCase, 'reports_detail'>): string {
  const positions = reports.flatMap(({ position }) => (position === null ? [] : [position]));
  if (positions.length === 0) return 'No report gave a position';
  const accuracies = positions.flatMap(({ accuracy_m }) => (accuracy_m === null ? [] : [accuracy_m]));
  const of = positions.length === 1 ? 'one position' : `${positions.length} positions`;
  if (accuracies.length === 0) return `${of === 'one position' ? 'One position' : of}, placed by hand`;
  const best = Math.round(Math.min(...accuracies));
  return positions.length === 1 ? `Within ${best} m, from one position` : `Within ${best} m, the best of ${of}`;
}

function named(found: { name: string; distance_m: number } | null): string | null {
  return found === null ? null : `${found.name}, ${sayDistance(found.distance_m)} away`;
}

/** What services outside call it: beside our own place, so that an officer can doubt or trust it. */
export function saidOpinions({ second_opinions: opinions }: Pick<DeskCase, 'second_opinions'>): Fact[] {
  return opinions.map(({ service, label, distance_m }) => {
    const away = distance_m === null ? '' : `, ${sayDistance(distance_m)} away`;
    const { name, owed } = serviceWords[service] ?? { name: service, owed: '' };
    return [`Second opinion: ${name}`, `${label}${away}${owed}`];
  });
}

export function PlacePart({ known }: { readonly known: DeskCase }) {
  const { place } = known;
  const areas: Fact[] = place.areas
    .filter(({ kind }) => kind !== 'authority')
    .map(({ kind, name }) => [kind in areaKinds ? areaKinds[kind as AreaKind] : kind, name]);
  const facts: Fact[] = [
    ['How sure', howSure(known)],
    ['Nearest road', named(place.road)],
    ['Locality', named(place.locality)],
    ['Postcode', place.postcode === null ? null : `${place.postcode.code}, ${sayDistance(place.postcode.distance_m)} away`],
    ['Grid reference', place.grid_reference],
    ['Plus code', place.plus_code],
    ...areas,
    ...saidOpinions(known),
    ['Area served', known.lat === null || place.in_area_served ? null : (place.note ?? 'Outside the area we serve')],
  ];
  return (
    <section class="part" aria-labelledby="place">
      <h2 id="place">Where it is</h2>
      <Facts facts={facts} />
    </section>
  );
}

export function NearbyPart({ nearby }: { readonly nearby: Loaded<Nearby> }) {
  return (
    <section class="part" aria-labelledby="nearby">
      <h2 id="nearby">Near it</h2>
      <Shown loaded={nearby}>{(found) => <Found found={found} />}</Shown>
    </section>
  );
}

function Found({ found }: { readonly found: Nearby }) {
  if (found.items.length + found.hotspots.length === 0) {
    return <p class="soft">No other case within {found.cases_within_m} m in the last 12 months.</p>;
  }
  return (
    <ul class="links">
      {found.hotspots.map(({ id, rank, label, count, trend, distance_m }) => (
        <li key={id}>
          <a href={to(['hotspots', id])}>
            {rank === null ? 'Hotspot' : `Hotspot ${rank}`}: {label ?? 'not named'}
          </a>
          <span class="soft">
            {counted(count, 'case')}, {trend}, {sayDistance(distance_m)} away
          </span>
        </li>
      ))}
      {found.items.map(({ id, reference, state, closed_because, opened_at, distance_m }) => (
        <li key={id}>
          <a class="figures" href={to(['cases', id], address.value.query)}>
            {reference}
          </a>
          <span class="soft">
            {saidState(state, closed_because)}, opened <Time at={opened_at} />, {sayDistance(distance_m)} away
          </span>
        </li>
      ))}
    </ul>
  );
}
