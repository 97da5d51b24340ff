import { CACHE_OF_FORM, type PrecacheEntry, cacheName } from './route';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: PrecacheEntry[] };

/** The form without signal, in the words of the council whose pages put this worker here. */
const FORM = `/report/offline${self.location.search}`;
const entries = self.__WB_MANIFEST;
const built = entries.map(({ url }) => `/${url}`);
const plain = [`/council.css${self.location.search}`, '/icons/icon.svg'];
const name = cacheName(CACHE_OF_FORM, [...entries, { url: FORM, revision: null }]);
/** Drawn for whoever points on the map without signal, once it has been seen with. */
const MAP = '/report/map.json';
/** What a proxy says when the council's server is away. */
const AWAY = [502, 503, 504];

async function install(): Promise<void> {
  const cache = await caches.open(name);
  await cache.addAll([FORM, ...plain, ...built].map((path) => new Request(path, { cache: 'reload' })));
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((one) => one.startsWith(CACHE_OF_FORM) && one !== name);
  await Promise.all(old.map((one) => caches.delete(one)));
  await self.clients.claim();
}

/** The council's own page when it answers, else the form that works without it. */
async function page(request: Request): Promise<Response> {
  const cache = await caches.open(name);
  try {
    const answer = await fetch(request);
    if (!AWAY.includes(answer.status)) return answer;
  } catch {
    // Not reached: the form kept here.
  }
  return (await cache.match(FORM)) ?? Response.error();
}

/** What may change without changing its name: fresh when the council answers, else as it was last. */
async function freshest(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(name);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(path, answer.clone());
    return answer;
  } catch {
    return (await cache.match(path)) ?? Response.error();
  }
}

async function kept(request: Request): Promise<Response> {
  return (await (await caches.open(name)).match(request)) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const { origin, pathname, search } = new URL(event.request.url);
  // Only GETs of our own origin are ever touched: some browsers resend a worker's POST with an empty body.
  if (event.request.method !== 'GET' || origin !== self.location.origin) return;
  const path = pathname + search;
  if (event.request.mode === 'navigate') event.respondWith(page(event.request));
  else if (built.includes(pathname)) event.respondWith(kept(event.request));
  else if (plain.includes(path) || pathname === MAP) event.respondWith(freshest(event.request, path));
});
