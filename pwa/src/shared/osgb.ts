/**
 * WGS84 degrees to and from the British National Grid (OSGB36 metres).
 * Formulas and constants: Ordnance Survey, "A guide to coordinate systems in Great Britain", annexes B and C
 * (Helmert transformation 6.6, transverse Mercator C). The Helmert shift is good to about 5 m anywhere in
 * Great Britain; the server keeps the exact OSTN15 figure.
 */

export interface LatLon {
  /** degrees */
  lat: number;
  lon: number;
}

export interface EastNorth {
  /** metres */
  easting: number;
  northing: number;
}

interface Ellipsoid {
  a: number;
  b: number;
}

interface Cartesian {
  x: number;
  y: number;
  z: number;
}

const WGS84: Ellipsoid = { a: 6_378_137, b: 6_356_752.3142 };
const AIRY_1830: Ellipsoid = { a: 6_377_563.396, b: 6_356_256.909 };

/** WGS84 to OSGB36: metres, parts per million, seconds of arc. The way back is the same with every sign turned. */
const HELMERT = { tx: -446.448, ty: 125.157, tz: -542.06, s: 20.4894, rx: -0.1502, ry: -0.247, rz: -0.8421 };

const SCALE = 0.9996012717;
const ORIGIN = { lat: radians(49), lon: radians(-2), easting: 400_000, northing: -100_000 };

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

function degrees(angle: number): number {
  return (angle * 180) / Math.PI;
}

function eccentricitySquared({ a, b }: Ellipsoid): number {
  return 1 - (b * b) / (a * a);
}

function toCartesian({ lat, lon }: LatLon, ellipsoid: Ellipsoid): Cartesian {
  const e2 = eccentricitySquared(ellipsoid);
  const phi = radians(lat);
  const lambda = radians(lon);
  const nu = ellipsoid.a / Math.sqrt(1 - e2 * Math.sin(phi) ** 2);
  return {
    x: nu * Math.cos(phi) * Math.cos(lambda),
    y: nu * Math.cos(phi) * Math.sin(lambda),
    z: nu * (1 - e2) * Math.sin(phi),
  };
}

function fromCartesian({ x, y, z }: Cartesian, ellipsoid: Ellipsoid): LatLon {
  const e2 = eccentricitySquared(ellipsoid);
  const p = Math.hypot(x, y);
  let phi = Math.atan2(z, p * (1 - e2));
  for (let i = 0; i < 6; i++) {
    const nu = ellipsoid.a / Math.sqrt(1 - e2 * Math.sin(phi) ** 2);
    phi = Math.atan2(z + e2 * nu * Math.sin(phi), p);
  }
  return { lat: degrees(phi), lon: degrees(Math.atan2(y, x)) };
}

function helmert({ x, y, z }: Cartesian, sign: 1 | -1): Cartesian {
  const scale = 1 + sign * HELMERT.s * 1e-6;
  const rx = sign * radians(HELMERT.rx / 3600);
  const ry = sign * radians(HELMERT.ry / 3600);
  const rz = sign * radians(HELMERT.rz / 3600);
  return {
    x: sign * HELMERT.tx + x * scale - y * rz + z * ry,
    y: sign * HELMERT.ty + x * rz + y * scale - z * rx,
    z: sign * HELMERT.tz - x * ry + y * rx + z * scale,
  };
}

/** The developed arc of the meridian from the true origin (OS guide, C.3), metres. */
function meridianArc(phi: number): number {
  const { a, b } = AIRY_1830;
  const n = (a - b) / (a + b);
  const minus = phi - ORIGIN.lat;
  const plus = phi + ORIGIN.lat;
  return (
    b *
    SCALE *
    ((1 + n + 1.25 * n ** 2 + 1.25 * n ** 3) * minus -
      (3 * n + 3 * n ** 2 + 2.625 * n ** 3) * Math.sin(minus) * Math.cos(plus) +
      1.875 * (n ** 2 + n ** 3) * Math.sin(2 * minus) * Math.cos(2 * plus) -
      (35 / 24) * n ** 3 * Math.sin(3 * minus) * Math.cos(3 * plus))
  );
}

/** Radii of curvature at a latitude: nu across, rho along the meridian, and eta squared (OS guide, C.2). */
function curvature(phi: number): { nu: number; rho: number; eta2: number } {
  const e2 = eccentricitySquared(AIRY_1830);
  const w = 1 - e2 * Math.sin(phi) ** 2;
  const nu = (AIRY_1830.a * SCALE) / Math.sqrt(w);
  const rho = (AIRY_1830.a * SCALE * (1 - e2)) / w ** 1.5;
  return { nu, rho, eta2: nu / rho - 1 };
}

function project({ lat, lon }: LatLon): EastNorth {
  const phi = radians(lat);
  const { nu, rho, eta2 } = curvature(phi);
  const cos = Math.cos(phi);
  const tan2 = Math.tan(phi) ** 2;
  const d = radians(lon) - ORIGIN.lon;
  const I = meridianArc(phi) + ORIGIN.northing;
  const II = (nu / 2) * Math.sin(phi) * cos;
  const III = (nu / 24) * Math.sin(phi) * cos ** 3 * (5 - tan2 + 9 * eta2);
  const IIIA = (nu / 720) * Math.sin(phi) * cos ** 5 * (61 - 58 * tan2 + tan2 ** 2);
  const IV = nu * cos;
  const V = (nu / 6) * cos ** 3 * (nu / rho - tan2);
  const VI = (nu / 120) * cos ** 5 * (5 - 18 * tan2 + tan2 ** 2 + 14 * eta2 - 58 * tan2 * eta2);
  return {
    easting: ORIGIN.easting + IV * d + V * d ** 3 + VI * d ** 5,
    northing: I + II * d ** 2 + III * d ** 4 + IIIA * d ** 6,
  };
}

function footpointLatitude(northing: number): number {
  let phi = ORIGIN.lat;
  let rest = Infinity;
  for (let i = 0; i < 20 && Math.abs(rest) > 1e-5; i++) {
    rest = northing - ORIGIN.northing - meridianArc(phi);
    phi += rest / (AIRY_1830.a * SCALE);
  }
  return phi;
}

function unproject({ easting, northing }: EastNorth): LatLon {
  const phi = footpointLatitude(northing);
  const { nu, rho, eta2 } = curvature(phi);
  const tan = Math.tan(phi);
  const tan2 = tan ** 2;
  const sec = 1 / Math.cos(phi);
  const d = easting - ORIGIN.easting;
  const VII = tan / (2 * rho * nu);
  const VIII = (tan / (24 * rho * nu ** 3)) * (5 + 3 * tan2 + eta2 - 9 * tan2 * eta2);
  const IX = (tan / (720 * rho * nu ** 5)) * (61 + 90 * tan2 + 45 * tan2 ** 2);
  const X = sec / nu;
  const XI = (sec / (6 * nu ** 3)) * (nu / rho + 2 * tan2);
  const XII = (sec / (120 * nu ** 5)) * (5 + 28 * tan2 + 24 * tan2 ** 2);
  const XIIA = (sec / (5040 * nu ** 7)) * (61 + 662 * tan2 + 1320 * tan2 ** 2 + 720 * tan2 ** 3);
  return {
    lat: degrees(phi - VII * d ** 2 + VIII * d ** 4 - IX * d ** 6),
    lon: degrees(ORIGIN.lon + X * d - XI * d ** 3 + XII * d ** 5 - XIIA * d ** 7),
  };
}

/** National Grid metres of a WGS84 point, within about 5 m. Says nothing about whether it is in Great Britain. */
export function toNationalGrid(point: LatLon): EastNorth {
  return project(fromCartesian(helmert(toCartesian(point, WGS84), 1), AIRY_1830));
}

/** WGS84 degrees of National Grid metres, within about 5 m. */
export function fromNationalGrid(point: EastNorth): LatLon {
  return fromCartesian(helmert(toCartesian(unproject(point), AIRY_1830), -1), WGS84);
}
