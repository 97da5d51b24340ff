/** Which screen shows, kept in the address's hash so that the phone's back button works without a server. */
import { signal } from '@preact/signals';

export interface Route {
  readonly path: string;
  /** Parts of the path between slashes, decoded: `#/job/77c0` is `['job', '77c0']`, the first screen is `[]`. */
  readonly parts: readonly string[];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The link crews are sent; its code stays behind the hash, out of every server's log. */
const SENT_LINK = '#enrol=';

export function parseHash(hash: string): Route {
  if (hash.startsWith(SENT_LINK)) return { path: '/enrol', parts: ['enrol', decode(hash.slice(SENT_LINK.length))] };
  const path = hash.startsWith('#/') ? hash.slice(1) : '/';
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  return { path, parts };
}

export const route = signal<Route>(parseHash(location.hash));

/** Steps taken inside the app since it opened; with none, "back" must not leave for another site. */
let depth = 0;

export function href(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function go(...parts: readonly string[]): void {
  location.hash = href(...parts);
}

/** Goes to a screen in place of this one: back will not come here again. */
export function replace(...parts: readonly string[]): void {
  history.replaceState(history.state, '', href(...parts));
  route.value = parseHash(location.hash);
}

export function back(): void {
  if (depth > 0) history.back();
  else replace();
}

export function listenToRoutes(): void {
  const entered: unknown = history.state;
  if (typeof entered === 'number') depth = entered;
  else history.replaceState(0, '');
  window.addEventListener('hashchange', () => {
    const seen: unknown = history.state;
    if (typeof seen === 'number') {
      depth = seen;
    } else {
      depth += 1;
      history.replaceState(depth, '');
    }
    route.value = parseHash(location.hash);
  });
}
