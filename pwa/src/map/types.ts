/** What a map shows; plain data, so that only draw.ts knows Leaflet. Degrees WGS84, metres. */

export interface Point {
  readonly lat: number;
  readonly lon: number;
}

export interface Fix extends Point {
  readonly accuracyM: number | null;
}

export interface Mark extends Point {
  readonly id: string;
  /** On the desk, `this` is the case that is open, and `report` where one of its reports said it is. */
  readonly kind: 'case' | 'job' | 'hotspot' | 'this' | 'report';
  /** One or two letters or figures drawn on the mark, so that colour is never alone. */
  readonly face: string;
  readonly name: string;
  /** Metres across. */
  readonly extentM?: number;
  /** How far off the place may be, metres. */
  readonly accuracyM?: number;
}

/** Boundaries within the council's own; in the order in which one is drawn over another. */
export type AreaKind = 'pspo' | 'parish' | 'ward' | 'beat';

export interface Drawing {
  /** Features with properties `{kind: authority|ward|parish|beat|pspo|road|locality, name}`; null when not on this phone yet. */
  readonly base: (GeoJSON.FeatureCollection & { readonly tiles?: string | null }) | null;
  /** West, south, east, north. */
  readonly bounds: readonly [number, number, number, number] | null;
  /** Which boundaries to draw; the wards when left out. */
  readonly areas?: readonly AreaKind[] | undefined;
  readonly centre: Point | null;
  readonly marks: readonly Mark[];
  readonly me: Fix | null;
  readonly fit: 'marks' | 'bounds';
  /** How near marks may be brought at first; the nearest by itself when left out. */
  readonly closest?: number | undefined;
  /** Leaflet's own arrow keys; off where the screen moves the pin itself, in metres. */
  readonly keys: boolean;
  readonly onMark?: (mark: Mark) => void;
  readonly onCentre?: (centre: Point) => void;
}

export interface DrawnMap {
  show(marks: readonly Mark[], me: Fix | null): void;
  centreOn(point: Point): void;
  remove(): void;
}
