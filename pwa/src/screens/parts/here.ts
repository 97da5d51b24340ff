/** Where the person is, as the screens use it. */
import { useMemo } from 'preact/hooks';
import type { Position } from '../../wire/types';
import { useApp } from '../app';
import type { Fix } from '../../map/types';

export function useHere(): Position | null {
  return useApp().capture.position.reading.value.position;
}

/** The same object for the same fix, so that a map is not drawn again for nothing. */
export function useFix(): Fix | null {
  const here = useHere();
  return useMemo(
    () => (here === null ? null : { lat: here.lat, lon: here.lon, accuracyM: here.accuracy_m }),
    [here?.lat, here?.lon, here?.accuracy_m],
  );
}
