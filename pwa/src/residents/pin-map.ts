/** The map with a pin in its middle, moved by dragging, by buttons or by arrow keys. Loaded only when asked for. */
import '../styles/tokens.css';
import '../styles/map.css';
import './pin-map.css';
import { drawMap } from '../map/draw';
import type { DrawnMap, Drawing } from '../map/types';
import { moved, type Point } from '../shared/distance';
import { element, secondButton } from './element';
import type { Pointing } from './where';

const directions = [
  { name: 'West', key: 'ArrowLeft', east: -1, north: 0 },
  { name: 'North', key: 'ArrowUp', east: 0, north: 1 },
  { name: 'South', key: 'ArrowDown', east: 0, north: -1 },
  { name: 'East', key: 'ArrowRight', east: 1, north: 0 },
] as const;
const steps = [5, 50, 500] as const;

type Base = NonNullable<Drawing['base']>;
type Bounds = NonNullable<Drawing['bounds']>;

/** West, south, east, north of the council's outline. */
function boundsOf(base: Base): Bounds | null {
  const outline = base.features.find(({ properties }) => (properties as { kind?: string }).kind === 'authority');
  if (outline === undefined) return null;
  const numbers = JSON.stringify((outline.geometry as GeoJSON.Polygon).coordinates).match(/-?\d+(\.\d+)?/g) ?? [];
  const lons = numbers.filter((_, index) => index % 2 === 0).map(Number);
  const lats = numbers.filter((_, index) => index % 2 === 1).map(Number);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

function nudges(move: (east: number, north: number) => void): HTMLElement {
  const part = element('fieldset', 'govuk-fieldset nudges');
  const label = element('label', 'govuk-label', 'Each press moves it');
  const choice = element('select', 'govuk-select');
  choice.id = 'step-of-pin';
  label.htmlFor = choice.id;
  choice.append(...steps.map((metres) => new Option(`${metres} metres`, String(metres), metres === 50)));
  choice.value = '50';
  const buttons = directions.map(({ name, east, north }) =>
    secondButton(name, () => move(east * Number(choice.value), north * Number(choice.value))),
  );
  part.append(element('legend', 'govuk-fieldset__legend govuk-fieldset__legend--s', 'Move the pin'), ...buttons, label, choice);
  return part;
}

function framed(map: HTMLElement): HTMLElement {
  const frame = element('div', 'map-holder');
  frame.tabIndex = 0;
  frame.setAttribute('role', 'application');
  frame.setAttribute('aria-label', 'Map with a pin. The arrow keys move the pin by 5 metres, with Shift by 50 metres.');
  frame.append(map, element('span', 'pin'));
  return frame;
}

export async function showPinMap(holder: HTMLElement, pointing: Pointing): Promise<void> {
  const answer = await fetch('/report/map.json');
  if (!answer.ok) throw new Error(`map: ${answer.status}`);
  const base = (await answer.json()) as Base;
  const bounds = boundsOf(base);
  const map = element('div', 'map');
  const frame = framed(map);
  let pin = pointing.point ?? (bounds && { lat: (bounds[1] + bounds[3]) / 2, lon: (bounds[0] + bounds[2]) / 2 });
  const settle = (point: Point): void => {
    pin = point;
    pointing.use('pin', point, null);
  };
  const move = (drawn: DrawnMap, east: number, north: number): void => {
    if (pin === null) return;
    settle(moved(pin, east, north));
    drawn.centreOn(pin);
  };
  holder.hidden = false;
  holder.append(frame);
  const me = null;
  const drawn = drawMap(map, {
    base, bounds, centre: pointing.point, marks: [], me, fit: 'bounds', keys: false, onCentre: settle,
  });
  frame.addEventListener('keydown', (event) => {
    const direction = directions.find(({ key }) => key === event.key);
    if (direction === undefined) return;
    event.preventDefault();
    const metres = event.shiftKey ? 50 : 5;
    move(drawn, direction.east * metres, direction.north * metres);
  });
  holder.append(nudges((east, north) => move(drawn, east, north)));
  pointing.say('Drag the map, or use the buttons or the arrow keys, until the pin is on the place.');
  frame.focus();
}
