/** A pin that says where something is, moved by drag, buttons or arrow keys. */
import { Chips } from '../parts/choices';
import { Icon, type IconName } from '../parts/icons';
import { sayDistance } from '../shared/distance';
import { toGridReference } from '../shared/grid';
import type { PlacesMap } from '../wire/types';
import { MapView } from './map-view';
import { nearestRoad } from './nearest-road';
import type { Drawing, Fix, Point } from './types';

export interface Direction {
  readonly name: string;
  readonly key: string;
  readonly icon: IconName;
  readonly east: number;
  readonly north: number;
}

const directions: readonly Direction[] = [
  { name: 'West', key: 'ArrowLeft', icon: 'left', east: -1, north: 0 },
  { name: 'North', key: 'ArrowUp', icon: 'up', east: 0, north: 1 },
  { name: 'South', key: 'ArrowDown', icon: 'down', east: 0, north: -1 },
  { name: 'East', key: 'ArrowRight', icon: 'right', east: 1, north: 0 },
];

const steps = ['5', '50', '500'].map((code) => ({ code, name: `${code} m` }));

/** "SP 30965 97615, 40 m from Oldbury Road"; null outside Great Britain. */
export function saidPlace(point: Point, map: PlacesMap | null): string | null {
  const grid = toGridReference(point);
  if (grid === null) return null;
  const road = nearestRoad(map, point);
  if (road === null) return grid;
  return road.metres < 15 ? `${grid}, on ${road.name}` : `${grid}, ${sayDistance(road.metres)} from ${road.name}`;
}

interface PinMapProps {
  readonly base: Drawing['base'];
  readonly bounds: Drawing['bounds'];
  readonly me: Fix | null;
  readonly pin: Point | null;
  readonly onMoved: (point: Point) => void;
  readonly onKey: (direction: Direction, far: boolean) => void;
}

/** A map held under a pin in its middle; the arrow keys move the pin. */
export function PinMap({ pin, onMoved, onKey, ...map }: PinMapProps) {
  const pressed = (event: KeyboardEvent): void => {
    const direction = directions.find(({ key }) => key === event.key);
    if (direction === undefined) return;
    event.preventDefault();
    onKey(direction, event.shiftKey);
  };
  return (
    <div
      class="map-holder"
      role="application"
      tabIndex={0}
      aria-label="Map with a pin. The arrow keys move the pin, with Shift by 50 metres."
      onKeyDown={pressed}
    >
      <MapView {...map} marks={NO_MARKS} centre={pin} keys={false} onCentre={onMoved} />
      <span class="crosshair">
        <Icon name="pin" />
      </span>
    </div>
  );
}

const NO_MARKS: readonly never[] = [];

interface NudgesProps {
  readonly step: string;
  readonly onStep: (step: string) => void;
  readonly onMove: (direction: Direction) => void;
}

export function Nudges({ step, onStep, onMove }: NudgesProps) {
  return (
    <section class="part" aria-label="Move the pin">
      <div class="nudge">
        {directions.map((direction) => (
          <button key={direction.name} type="button" class="button" onClick={() => onMove(direction)}>
            <Icon name={direction.icon} />
            {direction.name}
          </button>
        ))}
      </div>
      <Chips legend="Each step moves it" single choices={steps} chosen={[step]} onChange={([code]) => onStep(code ?? '5')} />
    </section>
  );
}
