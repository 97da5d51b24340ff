/** Opens the phone's own maps at a place. */
import { Icon } from '../../parts/icons';

interface NavigateProps {
  readonly lat: number | null;
  readonly lon: number | null;
  readonly name: string | null;
}

/** Android hands `geo:` to the maps app of choice; Apple knows only its own link; anything else gets a web map. */
export function mapsLink(lat: number, lon: number, name: string | null, agent: string): string {
  const at = `${lat.toFixed(6)},${lon.toFixed(6)}`;
  if (/android/i.test(agent)) return `geo:${at}?q=${at}(${encodeURIComponent(name ?? 'Tipwatch')})`;
  if (/iphone|ipad|macintosh/i.test(agent)) return `https://maps.apple.com/?daddr=${at}`;
  return `https://www.openstreetmap.org/?mlat=${lat.toFixed(6)}&mlon=${lon.toFixed(6)}#map=18/${at.replace(',', '/')}`;
}

export function Navigate({ lat, lon, name }: NavigateProps) {
  if (lat === null || lon === null) return <p class="soft">The council has no exact place for this yet.</p>;
  return (
    <a class="button" href={mapsLink(lat, lon, name, navigator.userAgent)} rel="noreferrer">
      <Icon name="navigate" />
      Navigate
    </a>
  );
}
