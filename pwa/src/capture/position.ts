import { type ReadonlySignal, computed, signal } from '@preact/signals-core';

import { metresBetween } from '../shared/distance';
import { sayAge } from '../shared/time';
import type { Position } from '../wire/types';
import type { PositionReading, PositionWatcher } from './types';

/** A fix older than this says where the van was, not where the tip is. */
const STALE_MS = 60_000;
/** The best fix is held against worse ones for this long; then the newest counts. */
const HOLD_MS = 20_000;
/** Without a fix for this long a pin is offered. */
const PATIENCE_MS = 20_000;
const PIN_ABOVE_M = 50;
const TICK_MS = 5_000;
/** Phones stamp a fix a moment before they hand it over. */
const TOLERANCE_MS = 1_000;

interface Fix {
  position: Position & { accuracy_m: number };
  at: number;
}

export interface PositionParts {
  /** Absent where the browser has none. */
  geolocation: Pick<Geolocation, 'watchPosition' | 'clearWatch'> | undefined;
  /** Phone clock in milliseconds. */
  now: () => number;
}

/** Whether a fix may be used at all: real figures, not 0,0, and taken since `since` and within the last minute. */
export function isUsable({ coords, timestamp }: GeolocationPosition, since: number, now: number): boolean {
  const { latitude, longitude, accuracy } = coords;
  if (![latitude, longitude, accuracy].every(Number.isFinite) || accuracy <= 0) return false;
  if (Math.abs(latitude) < 1e-6 && Math.abs(longitude) < 1e-6) return false;
  return timestamp >= since - TOLERANCE_MS && now - timestamp <= STALE_MS;
}

/** Of two fixes the one to keep: the sharper, unless it is old or the phone has moved out of it. */
export function better(best: Fix | null, fresh: Fix): Fix {
  if (best === null || fresh.at - best.at > HOLD_MS) return fresh;
  if (fresh.position.accuracy_m <= best.position.accuracy_m) return fresh;
  const moved = metresBetween(best.position, fresh.position);
  return moved > best.position.accuracy_m + fresh.position.accuracy_m ? fresh : best;
}

export function createPositionWatcher({ geolocation, now }: PositionParts): PositionWatcher {
  const best = signal<Fix | null>(null);
  const clock = signal(now());
  const denied = signal(false);
  let since = now();
  let watch: number | null = null;
  let ticking: ReturnType<typeof setInterval> | undefined;

  const seen = (found: GeolocationPosition): void => {
    const at = now();
    clock.value = at;
    if (!isUsable(found, since, at)) return;
    denied.value = false;
    best.value = better(best.peek(), { position: asPosition(found), at: found.timestamp });
  };
  const failed = (error: GeolocationPositionError): void => {
    if (error.code === error.PERMISSION_DENIED) denied.value = true;
  };

  const reading: ReadonlySignal<PositionReading> = computed(() => {
    if (geolocation === undefined) return nothing('unavailable', 'This phone gives no position: place a pin', true);
    const age = best.value === null ? Infinity : Math.max(0, clock.value - best.value.at);
    return best.value !== null && age <= STALE_MS ? fixed(best.value, age) : unfixed(denied.value, clock.value - since);
  });

  return {
    reading,
    start: () => {
      if (geolocation === undefined || watch !== null) return;
      since = now();
      clock.value = since;
      watch = geolocation.watchPosition(seen, failed, { enableHighAccuracy: true, maximumAge: 0 });
      ticking = setInterval(() => (clock.value = now()), TICK_MS);
    },
    stop: () => {
      if (watch !== null) geolocation?.clearWatch(watch);
      watch = null;
      clearInterval(ticking);
    },
  };
}

function asPosition({ coords, timestamp }: GeolocationPosition): Fix['position'] {
  return {
    lat: coords.latitude,
    lon: coords.longitude,
    accuracy_m: Math.round(coords.accuracy * 10) / 10,
    source: 'gps',
    fixed_at: new Date(timestamp).toISOString(),
  };
}

function fixed({ position }: Fix, ageMs: number): PositionReading {
  const metres = Math.max(1, Math.round(position.accuracy_m));
  const wantsPin = position.accuracy_m > PIN_ABOVE_M;
  const ageS = Math.floor(ageMs / 1_000);
  const fix = ageS < 10 ? `GPS, ${metres} m` : `GPS, ${metres} m, ${sayAge(ageS)}`;
  return { state: 'fix', position, ageS, wantsPin, words: wantsPin ? `GPS is ${metres} m out: move the pin?` : fix };
}

function unfixed(denied: boolean, waitedMs: number): PositionReading {
  if (denied) return nothing('denied', 'Location is switched off for Tipwatch: place a pin', true);
  const long = waitedMs > PATIENCE_MS;
  return nothing('waiting', long ? 'No GPS yet: place a pin?' : 'Looking for GPS', long);
}

function nothing(state: PositionReading['state'], words: string, wantsPin: boolean): PositionReading {
  return { state, position: null, ageS: null, words, wantsPin };
}
