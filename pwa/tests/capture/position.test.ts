import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createPositionWatcher } from '../../src/capture/position';

const START = Date.parse('2026-11-20T06:42:00Z');

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

class FakeGeolocation {
  seen: PositionCallback = () => undefined;
  failed: PositionErrorCallback = () => undefined;
  options: PositionOptions | undefined;
  cleared = 0;

  watchPosition(seen: PositionCallback, failed?: PositionErrorCallback | null, options?: PositionOptions): number {
    this.seen = seen;
    this.failed = failed ?? this.failed;
    this.options = options;
    return 7;
  }
  clearWatch(id: number): void {
    this.cleared = id;
  }
  fix(latitude: number, longitude: number, accuracy: number, ageMs = 0): void {
    this.seen({ coords: { latitude, longitude, accuracy }, timestamp: Date.now() - ageMs } as GeolocationPosition);
  }
}

function watching() {
  const geolocation = new FakeGeolocation();
  const watcher = createPositionWatcher({ geolocation, now: Date.now });
  watcher.start();
  return { geolocation, watcher, reading: () => watcher.reading.value };
}

describe('the position', () => {
  it('is asked for with high accuracy and never from a cache', () => {
    const { geolocation, reading } = watching();
    expect(geolocation.options).toMatchObject({ enableHighAccuracy: true, maximumAge: 0 });
    expect(reading()).toMatchObject({ state: 'waiting', position: null, words: 'Looking for GPS', wantsPin: false });
  });

  it('says its source, accuracy and age', () => {
    const { geolocation, reading } = watching();
    geolocation.fix(52.5755, -1.5445, 8.04);
    expect(reading()).toMatchObject({ state: 'fix', words: 'GPS, 8 m', wantsPin: false, ageS: 0 });
    expect(reading().position).toEqual({ lat: 52.5755, lon: -1.5445, accuracy_m: 8, source: 'gps', fixed_at: '2026-11-20T06:42:00.000Z' });
    vi.advanceTimersByTime(30_000);
    expect(reading().words).toBe('GPS, 8 m, 30 s ago');
  });

  it('asks for a pin when it is more than 50 m out', () => {
    const { geolocation, reading } = watching();
    geolocation.fix(52.5755, -1.5445, 120);
    expect(reading()).toMatchObject({ words: 'GPS is 120 m out: move the pin?', wantsPin: true });
    geolocation.fix(52.5755, -1.5445, 50);
    expect(reading().wantsPin).toBe(false);
  });

  it.each([
    ['0,0', 0, 0, 5, 0],
    ['a fix from before the app opened', 52.5, -1.5, 5, 5_000],
    ['no figures', NaN, -1.5, 5, 0],
    ['no accuracy', 52.5, -1.5, 0, 0],
  ])('is never %s', (_name, lat, lon, accuracy, ageMs) => {
    const { geolocation, reading } = watching();
    geolocation.fix(lat, lon, accuracy, ageMs);
    expect(reading().position).toBeNull();
  });

  it('is never older than a minute', () => {
    const { geolocation, reading } = watching();
    vi.advanceTimersByTime(300_000);
    geolocation.fix(52.5, -1.5, 5, 61_000);
    expect(reading().position).toBeNull();
    geolocation.fix(52.5, -1.5, 5);
    vi.advanceTimersByTime(65_000);
    expect(reading()).toMatchObject({ state: 'waiting', position: null, words: 'No GPS yet: place a pin?', wantsPin: true });
  });

  it('keeps the sharper fix for a while, and follows the phone when it moves', () => {
    const { geolocation, reading } = watching();
    geolocation.fix(52.5755, -1.5445, 6);
    vi.advanceTimersByTime(5_000);
    geolocation.fix(52.57551, -1.5445, 40);
    expect(reading().position?.accuracy_m).toBe(6);
    geolocation.fix(52.58, -1.5445, 40);
    expect(reading().position?.lat).toBe(52.58);
    vi.advanceTimersByTime(21_000);
    geolocation.fix(52.58, -1.5445, 45);
    expect(reading().position?.accuracy_m).toBe(45);
  });

  it('tells when it was denied, and recovers when allowed', () => {
    const { geolocation, reading } = watching();
    geolocation.failed({ code: 1, PERMISSION_DENIED: 1 } as GeolocationPositionError);
    expect(reading()).toMatchObject({ state: 'denied', wantsPin: true });
    geolocation.fix(52.5, -1.5, 9);
    expect(reading().state).toBe('fix');
  });

  it('says so where there is none, and stops when told', () => {
    const none = createPositionWatcher({ geolocation: undefined, now: Date.now });
    none.start();
    expect(none.reading.value).toMatchObject({ state: 'unavailable', wantsPin: true });
    const { geolocation, watcher } = watching();
    watcher.stop();
    expect(geolocation.cleared).toBe(7);
  });
});
