/** The map as a crew sees it: over the ground that is on the phone, with their own position. It needs no signal. */
import { MapView } from '../../map/map-view';
import type { Mark, Point } from '../../map/types';
import type { WithId } from '../../outbox/types';
import { Said } from '../../parts/said';
import type { HotspotRow } from '../../wire/types';
import { useApp } from '../app';
import { useFix } from '../parts/here';

interface PhoneMapProps {
  readonly marks: readonly Mark[];
  /** Held there; else it shows all marks. */
  readonly centre?: Point | null;
  /** How near the marks, or the centre, may be brought at first. */
  readonly closest?: number;
  readonly onMark?: (mark: Mark) => void;
}

export function hotspotMark({ id, lat, lon, rank, label, extent_m: extentM }: WithId<HotspotRow>): Mark {
  return { id, kind: 'hotspot', face: String(rank), lat, lon, name: `Hotspot ${rank}, ${label ?? 'not named'}`, extentM };
}

export function PhoneMap({ marks, centre = null, closest, onMark = () => undefined }: PhoneMapProps) {
  const { outbox } = useApp();
  const session = outbox.session.value;
  const map = outbox.data.map.value;
  return (
    <>
      {map === null ? (
        <Said tone="care" title="The ground of the map is not on this phone yet">
          <p>It comes by itself when there is signal. The marks show all the same.</p>
        </Said>
      ) : null}
      <MapView
        base={map}
        bounds={'authority' in session ? session.authority.bounds : null}
        centre={centre}
        marks={marks}
        closest={closest}
        me={useFix()}
        onMark={onMark}
      />
    </>
  );
}
