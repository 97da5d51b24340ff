/** A map that draws itself from what is on the phone. Its code is fetched when first shown; the app works without it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Said } from '../parts/said';
import type { DrawnMap, Drawing, Fix, Mark, Point } from './types';

interface MapViewProps {
  readonly base: Drawing['base'];
  readonly bounds: Drawing['bounds'];
  readonly marks: readonly Mark[];
  readonly me: Fix | null;
  /** Where the map is held; null shows everything. Only a change by the screen, not by a drag, moves the map. */
  readonly centre?: Point | null;
  readonly keys?: boolean;
  readonly closest?: number;
  readonly areas?: Drawing['areas'];
  readonly onMark?: (mark: Mark) => void;
  readonly onCentre?: (centre: Point) => void;
}

type Loading = 'loading' | 'shown' | 'failed';

export function MapView({ centre = null, keys = true, ...props }: MapViewProps) {
  const holder = useRef<HTMLDivElement>(null);
  const drawn = useRef<DrawnMap | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [loading, setLoading] = useState<Loading>('loading');

  useEffect(() => {
    let gone = false;
    const draw = async (): Promise<void> => {
      const { drawMap } = await import('./draw');
      // `gone` is set while the code loads.
      if (holder.current === null || gone) return;
      const { base, bounds, marks, me, closest, areas } = latest.current;
      drawn.current = drawMap(holder.current, {
        base,
        bounds,
        centre,
        marks,
        me,
        keys,
        closest,
        areas,
        fit: marks.length > 0 ? 'marks' : 'bounds',
        onMark: (mark) => latest.current.onMark?.(mark),
        onCentre: (point) => latest.current.onCentre?.(point),
      });
      setLoading('shown');
    };
    draw().catch(() => setLoading('failed'));
    return () => {
      gone = true;
      drawn.current?.remove();
      drawn.current = null;
    };
    // Drawn anew when the ground arrives; marks and position are shown by the effect below.
  }, [props.base]);

  useEffect(() => drawn.current?.show(props.marks, props.me), [props.marks, props.me]);
  useEffect(() => {
    if (centre !== null) drawn.current?.centreOn(centre);
  }, [centre?.lat, centre?.lon]);

  if (loading === 'failed') {
    return (
      <Said tone="care" title="The map could not be opened">
        <p>It needs signal the first time. Everything else works without it.</p>
      </Said>
    );
  }
  return <div class="map" ref={holder} aria-busy={loading === 'loading'} />;
}
