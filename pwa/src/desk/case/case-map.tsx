/** The case on the map: where its reports say it is and how sure they are, cases near it, hotspots. */
import { useMemo } from 'preact/hooks';
import { MapView } from '../../map/map-view';
import type { AreaKind, Mark } from '../../map/types';
import type { DeskCase, Nearby } from '../../wire/desk-types';
import { address, goTo } from '../address';
import { useDesk } from '../desk';
import type { Loaded } from '../load';
import { areaKinds } from '../words';

const boundaries: readonly AreaKind[] = ['pspo', 'parish', 'ward', 'beat'];

/** The zoom at which the roads around a single case can be told. */
const WITH_ROADS_AROUND = 16;

/** What the map shows; the open case comes last, on top. */
export function marksOf(known: DeskCase, nearby: Nearby | null): readonly Mark[] {
  const marks: Mark[] = [];
  for (const { id, rank, label, lat, lon, extent_m } of nearby?.hotspots ?? []) {
    const name = `${rank === null ? 'Hotspot' : `Hotspot ${rank}`}, ${label ?? 'not named'}`;
    marks.push({ id, kind: 'hotspot', face: rank === null ? 'H' : String(rank), name, lat, lon, extentM: extent_m });
  }
  for (const { id, reference, label, lat, lon } of nearby?.items ?? []) {
    marks.push({ id, kind: 'case', face: 'C', name: `Case ${reference}, ${label ?? 'not named'}`, lat, lon });
  }
  known.reports_detail.forEach(({ id, receipt_code, position }, index) => {
    if (position === null) return;
    const { lat, lon, accuracy_m } = position;
    const accuracy = accuracy_m === null ? {} : { accuracyM: accuracy_m };
    marks.push({ id, kind: 'report', face: `R${index + 1}`, name: `Report ${receipt_code}`, lat, lon, ...accuracy });
  });
  if (known.lat !== null && known.lon !== null) {
    marks.push({ id: known.id, kind: 'this', face: '', name: `This case, ${known.reference}`, lat: known.lat, lon: known.lon });
  }
  return marks;
}

interface CaseMapProps {
  readonly known: DeskCase;
  readonly nearby: Loaded<Nearby>;
}

export function CaseMap({ known, nearby }: CaseMapProps) {
  const desk = useDesk();
  const marks = useMemo(() => marksOf(known, nearby.data), [known, nearby.data]);
  const session = desk.session.value;
  const open = ({ kind, id }: Mark): void => {
    if (kind === 'case') goTo(['cases', id], address.value.query);
    else if (kind === 'hotspot') goTo(['hotspots', id]);
  };
  // Drawn once it is known what is near: a map that moves by itself is lost on the person looking at it.
  const waiting = nearby.data === null && nearby.failure === null;
  return (
    <section class="part map-part" aria-labelledby="map">
      <h2 id="map">Map</h2>
      {known.lat === null ? <p class="soft">It has no position yet.</p> : null}
      {waiting ? (
        <div class="map" aria-busy="true" />
      ) : (
        <MapView
          base={desk.map.value}
          bounds={session.status === 'signed_in' ? session.authority.bounds : null}
          marks={marks}
          me={null}
          closest={WITH_ROADS_AROUND}
          areas={boundaries}
          onMark={open}
        />
      )}
      <MapKey known={known} />
    </section>
  );
}

function MapKey({ known: { place } }: Pick<CaseMapProps, 'known'>) {
  const session = useDesk().session.value;
  const council = session.status === 'signed_in' ? session.authority.name : 'the council';
  const within = boundaries.flatMap((kind) => {
    const names = place.areas.filter((area) => area.kind === kind).map(({ name }) => name);
    return names.length === 0 ? [] : [{ kind, words: `${areaKinds[kind]}: ${names.join(', ')}` }];
  });
  return (
    <>
      <ul class="key" aria-label="What the marks mean">
        <li>
          <span class="mark-on-map this" /> this case
        </li>
        <li>
          <span class="mark-on-map report">R1</span> a report, its circle how sure
        </li>
        <li>
          <span class="mark-on-map case">C</span> case near it
        </li>
        <li>
          <span class="mark-on-map hotspot">1</span> hotspot, its rank
        </li>
      </ul>
      <ul class="key" aria-label="What the boundaries mean">
        {within.map(({ kind, words }) => (
          <li key={kind}>
            <Boundary kind={kind} /> {words}
          </li>
        ))}
        <li>
          <Boundary kind="outline" /> {place.in_area_served ? council : `${council}: this case is outside`}
        </li>
      </ul>
    </>
  );
}

function Boundary({ kind }: { readonly kind: AreaKind | 'outline' }) {
  return (
    <svg class="boundary" viewBox="0 0 32 12" aria-hidden="true" focusable="false">
      <path class={kind} d="M1 6h30" />
    </svg>
  );
}
