/** What a request is to the worker; `network` is left to the browser as if there were no worker. */
export type Route = { kind: 'shell' } | { kind: 'file'; path: string } | { kind: 'picture' } | { kind: 'network' };

export interface Asked {
  method: string;
  url: string;
  mode: string;
}

export const SHELL = '/crew';

/** Hashed files: a page of an older Tipwatch may still ask for those of its own. */
const ASSETS = '/assets/';
const PICTURE = /^\/api\/v1\/photos\/[^/]+\/thumb$/;
const NETWORK: Route = { kind: 'network' };

/** Only GETs of our own origin are ever touched: some browsers resend a worker's POST with an empty body. */
export function routeOf({ method, url, mode }: Asked, origin: string, files: ReadonlySet<string>): Route {
  const { origin: from, pathname } = new URL(url);
  if (method !== 'GET' || from !== origin) return NETWORK;
  if (mode === 'navigate') return pathname === SHELL || pathname.startsWith(`${SHELL}/`) ? { kind: 'shell' } : NETWORK;
  if (PICTURE.test(pathname)) return { kind: 'picture' };
  return files.has(pathname) || pathname.startsWith(ASSETS) ? { kind: 'file', path: pathname } : NETWORK;
}

export interface PrecacheEntry {
  url: string;
  revision: string | null;
}

/** The address a built file is served under: the page by its own name, everything else by its path. */
export function servedAt({ url }: PrecacheEntry): string {
  return url === 'crew.html' ? SHELL : `/${url}`;
}

/** What the caches of the crew's app and of the residents' form begin with: each worker clears only its own. */
export const CACHE_OF_SHELL = 'tipwatch-shell-';
export const CACHE_OF_FORM = 'tipwatch-form-';

/** A name that changes whenever any of these files does (FNV-1a over names and revisions). */
export function cacheName(begins: string, entries: readonly PrecacheEntry[]): string {
  let hash = 0x811c9dc5;
  for (const character of entries.map(({ url, revision }) => `${url}@${revision ?? ''}`).join('\n')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return `${begins}${hash.toString(16)}`;
}

/**
 * Which caches may go, of all there are in the order they were made. The shell before this one stays: a page with a
 * report open goes on with the code it was opened with, and fetches the rest of that code only when it needs it.
 */
export function outdatedCaches(names: readonly string[], current: string): string[] {
  return names.filter((name) => name.startsWith(CACHE_OF_SHELL) && name !== current).slice(0, -1);
}
