const EARTH_RADIUS_M = 6_371_008.8;
const METRES_PER_MILE = 1_609.344;
/** Of latitude; of longitude at the equator. */
export const METRES_PER_DEGREE = 111_195;

export interface Point {
  lat: number;
  lon: number;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in metres between two WGS84 points in degrees (haversine, mean earth radius, within 0.5 %). */
export function metresBetween(a: Point, b: Point): number {
  const dLat = radians(b.lat - a.lat);
  const dLon = radians(b.lon - a.lon);
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** "8 m", "350 m", then miles as road signs have them: "0.4 mi", "12 mi". */
export function sayDistance(metres: number): string {
  if (metres < 100) return `${Math.round(metres)} m`;
  if (metres < 500) return `${Math.round(metres / 10) * 10} m`;
  const miles = metres / METRES_PER_MILE;
  return miles < 9.95 ? `${miles.toFixed(1)} mi` : `${Math.round(miles)} mi`;
}

/** The place so many metres east and north of another, on a sphere; for steps of up to a few hundred metres. */
export function moved(from: Point, eastM: number, northM: number): Point {
  return {
    lat: from.lat + northM / METRES_PER_DEGREE,
    lon: from.lon + eastM / (METRES_PER_DEGREE * Math.cos((from.lat * Math.PI) / 180)),
  };
}
