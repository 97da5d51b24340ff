/** Leaflet, kept in its own chunk: loaded where a map shows, never needed to capture. Draws from GeoJSON; tiles only where a council has them. */
import L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import { grouped } from './group';
import type { AreaKind, Drawing, DrawnMap, Fix, Mark, Point } from './types';

const MARK_PX = 30;
/** A gloved thumb needs 48 px: a press on bare ground opens the nearest mark within half of that. */
const REACH_PX = 24;
const NAMES_FROM_ZOOM = 15;
const LOCALITIES_FROM_ZOOM = 12;
const CLOSE_ZOOM = 17;
/** Hotspots lie above cases, and the person's own position above all. */
const ABOVE = 1000;

interface Named {
  readonly kind?: string;
  readonly name?: string;
}

function named(feature: GeoJSON.Feature | undefined): Named {
  return (feature?.properties ?? {});
}

function nameIcon(name: string, kind: 'road' | 'place'): L.DivIcon {
  const label = document.createElement('span');
  label.textContent = name;
  return L.divIcon({ className: `map-name ${kind}`, html: label, iconSize: [160, 20] });
}

/** The boundaries that every map shows; some screens ask for more. */
const USUAL_AREAS: readonly AreaKind[] = ['ward'];
const pathClass: Record<string, string> = { authority: 'outline' };

function ground(base: GeoJSON.FeatureCollection, areas: readonly AreaKind[]): L.GeoJSON {
  const order: readonly string[] = ['authority', ...areas, 'road'];
  const lines = base.features
    .filter((feature) => order.includes(named(feature).kind ?? ''))
    .sort((a, b) => order.indexOf(named(a).kind ?? '') - order.indexOf(named(b).kind ?? ''));
  return L.geoJSON(lines, {
    interactive: false,
    style: (feature) => {
      const { kind = 'road' } = named(feature);
      return { className: pathClass[kind] ?? kind };
    },
  });
}

/** Names of roads (at the middle of their line) and of localities, each from the zoom where they have room. */
function names(base: GeoJSON.FeatureCollection): { roads: L.LayerGroup; localities: L.LayerGroup } {
  const roads = L.layerGroup();
  const localities = L.layerGroup();
  for (const feature of base.features) {
    const { kind, name } = named(feature);
    if (name === undefined) continue;
    if (kind === 'road' && feature.geometry.type === 'LineString') {
      const middle = feature.geometry.coordinates[Math.floor(feature.geometry.coordinates.length / 2)];
      if (middle !== undefined) addName(roads, middle, nameIcon(name, 'road'));
    }
    if (kind === 'locality' && feature.geometry.type === 'Point') {
      addName(localities, feature.geometry.coordinates, nameIcon(name, 'place'));
    }
  }
  return { roads, localities };
}

function addName(group: L.LayerGroup, [lon = 0, lat = 0]: GeoJSON.Position, icon: L.DivIcon): void {
  L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(group);
}

function markIcon(mark: Mark): L.DivIcon {
  const face = document.createElement('span');
  face.textContent = mark.face;
  return L.divIcon({
    className: `mark-on-map ${mark.kind}`,
    html: face,
    iconSize: [MARK_PX, MARK_PX],
  });
}

/** Not a stop of the Tab key: the lists lead to the same screens, in an order that makes sense without seeing. */
function drawMark({ mark, open }: Target): L.Layer {
  const drawn = L.marker([mark.lat, mark.lon], {
    icon: markIcon(mark),
    title: mark.name,
    keyboard: false,
    zIndexOffset: mark.kind === 'hotspot' ? ABOVE : 0,
  });
  drawn.on('click', open);
  if (mark.accuracyM !== undefined) return L.layerGroup([ring(mark, mark.accuracyM, 'accuracy'), drawn]);
  if (mark.extentM === undefined) return drawn;
  return L.layerGroup([ring(mark, Math.max(mark.extentM / 2, 25), 'extent'), drawn]);
}

function ring({ lat, lon }: Point, radius: number, className: string): L.Circle {
  return L.circle([lat, lon], { radius, className, interactive: false });
}

/** What is drawn as one mark, and what a press on it does. */
interface Target {
  readonly mark: Mark;
  readonly open: () => void;
}

/** Marks too close to tell apart at this zoom become one with their count; a tap on it goes closer. */
function targetsOn(map: L.Map, marks: readonly Mark[], onMark: Drawing['onMark']): Target[] {
  const zoom = map.getZoom();
  return grouped(marks, ({ lat, lon }) => map.project([lat, lon], zoom)).map((group) => {
    const [first] = group.marks;
    const single = first !== undefined && group.marks.length === 1;
    if (single || zoom === map.getMaxZoom()) return { mark: single ? first : group, open: () => first && onMark?.(first) };
    return { mark: group, open: () => map.setView([group.lat, group.lon], Math.min(zoom + 2, map.getMaxZoom())) };
  });
}

function nearest(map: L.Map, targets: readonly Target[], pressed: L.Point): Target | undefined {
  const distance = ({ mark }: Target): number => map.latLngToContainerPoint([mark.lat, mark.lon]).distanceTo(pressed);
  const [first] = targets.filter((target) => distance(target) <= REACH_PX).sort((a, b) => distance(a) - distance(b));
  return first;
}

function drawMe(me: Fix): L.LayerGroup {
  const icon = L.divIcon({ className: 'mark-on-map me', iconSize: [18, 18] });
  const spot = L.marker([me.lat, me.lon], { icon, interactive: false, keyboard: false, zIndexOffset: 2 * ABOVE });
  const group = L.layerGroup([spot]);
  if (me.accuracyM !== null) {
    ring(me, me.accuracyM, 'accuracy').addTo(group);
  }
  return group;
}

/** So far from the left that no mark lies under the buttons; where they take up half of a narrow map, as far as there is room. */
function besideButtons(map: L.Map): number {
  const { offsetLeft, offsetWidth } = map.zoomControl.getContainer() ?? { offsetLeft: 0, offsetWidth: 0 };
  return Math.min(offsetLeft + offsetWidth + MARK_PX / 2, map.getSize().x / 2);
}

function look(map: L.Map, drawing: Drawing): void {
  const { centre, bounds, marks, me } = drawing;
  if (centre !== null) {
    map.setView([centre.lat, centre.lon], drawing.closest ?? CLOSE_ZOOM);
  } else if (marks.length > 0 && drawing.fit === 'marks') {
    const points: L.LatLngTuple[] = marks.map((mark) => [mark.lat, mark.lon]);
    map.fitBounds(L.latLngBounds(me === null ? points : [...points, [me.lat, me.lon]]), {
      paddingTopLeft: [besideButtons(map), MARK_PX],
      paddingBottomRight: [MARK_PX, MARK_PX],
      maxZoom: drawing.closest ?? CLOSE_ZOOM,
    });
  } else if (bounds !== null) {
    const [west, south, east, north] = bounds;
    map.fitBounds([
      [south, west],
      [north, east],
    ]);
  } else {
    map.setView([52.5, -1.5], 6);
  }
}

/**
 * Takes the focus before Leaflet does, which lets every pane around scroll to the map and puts back the window alone: the mark
 * slid from under the press that was to open it.
 */
function focusInPlace(holder: HTMLElement): () => void {
  const focus = (): void => holder.focus({ preventScroll: true });
  holder.addEventListener('mousedown', focus, { capture: true });
  return () => holder.removeEventListener('mousedown', focus, { capture: true });
}

/** Puts a map into `holder`. Names come and go with the zoom; `onCentre` is told where the middle came to rest. */
export function drawMap(holder: HTMLElement, drawing: Drawing): DrawnMap {
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const map = L.map(holder, {
    attributionControl: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    inertia: !still,
    maxZoom: 20,
    minZoom: 8,
    // Half steps, so that a whole borough fills the screen rather than half of it.
    zoomSnap: 0.5,
    keyboard: drawing.keys,
  });
  const leaveFocus = focusInPlace(holder);
  look(map, drawing);
  const things = L.layerGroup().addTo(map);
  const person = L.layerGroup().addTo(map);
  if (drawing.base !== null) {
    if (typeof drawing.base.tiles === 'string') L.tileLayer(drawing.base.tiles, { maxZoom: map.getMaxZoom() }).addTo(map);
    ground(drawing.base, drawing.areas ?? USUAL_AREAS).addTo(map);
    showNamesByZoom(map, names(drawing.base));
  }
  let targets: Target[] = [];
  let marks: readonly Mark[] = [];
  const drawMarks = (): void => {
    things.clearLayers();
    targets = targetsOn(map, marks, drawing.onMark);
    for (const target of targets) drawMark(target).addTo(things);
  };
  // A position comes every second: marks drawn anew each time would be taken from under the thumb that presses one.
  const show = (wanted: readonly Mark[], me: Fix | null): void => {
    person.clearLayers();
    if (me !== null) drawMe(me).addTo(person);
    if (wanted === marks || JSON.stringify(wanted) === JSON.stringify(marks)) return;
    marks = wanted;
    drawMarks();
  };
  show(drawing.marks, drawing.me);
  map.on('zoomend', drawMarks);
  map.on('click', ({ containerPoint }) => nearest(map, targets, containerPoint)?.open());
  let told: Point | null = drawing.centre;
  map.on('moveend', () => {
    const { lat, lng } = map.getCenter();
    if (told !== null && Math.abs(told.lat - lat) < 1e-7 && Math.abs(told.lon - lng) < 1e-7) return;
    told = { lat, lon: lng };
    drawing.onCentre?.(told);
  });
  return {
    show,
    centreOn: ({ lat, lon }) => {
      told = { lat, lon };
      map.setView([lat, lon], map.getZoom(), { animate: false });
    },
    remove: () => {
      // After its window changed size a map says a little later that it moved: by then it may be gone.
      map.off('moveend');
      leaveFocus();
      map.remove();
    },
  };
}

function showNamesByZoom(map: L.Map, { roads, localities }: ReturnType<typeof names>): void {
  const choose = (): void => {
    const zoom = map.getZoom();
    if (zoom >= NAMES_FROM_ZOOM) roads.addTo(map);
    else roads.remove();
    if (zoom >= LOCALITIES_FROM_ZOOM) localities.addTo(map);
    else localities.remove();
  };
  map.on('zoomend', choose);
  choose();
}
