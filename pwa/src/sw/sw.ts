import { createOutbox } from '../outbox';
import { PICTURE_CACHE } from '../shared/pictures';
import { CACHE_OF_SHELL, type PrecacheEntry, SHELL, cacheName, outdatedCaches, routeOf, servedAt } from './route';
import { sendWaiting } from './sending';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: PrecacheEntry[] };

/** The sync event exists in Chromium only, and not yet in the type library. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

const entries = self.__WB_MANIFEST;
const shellCache = cacheName(CACHE_OF_SHELL, entries);
const files = new Set(entries.map(servedAt));
/** A crew's jobs and nearby cases fit many times over. */
const MOST_PICTURES = 300;

async function install(): Promise<void> {
  const cache = await caches.open(shellCache);
  await cache.addAll([...files].map((path) => new Request(path, { cache: 'reload' })));
}

async function activate(): Promise<void> {
  const old = outdatedCaches(await caches.keys(), shellCache);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(shellCache);
  return (await cache.match(path)) ?? (await caches.match(path)) ?? fetch(request);
}

async function picture(request: Request): Promise<Response> {
  const cache = await caches.open(PICTURE_CACHE);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request, response.clone());
    const keys = await cache.keys();
    await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PICTURES)).map((key) => cache.delete(key)));
  }
  return response;
}

/**
 * The browser says that there is signal. A page in sight sends by itself; a hidden one may be frozen, and a closed one is
 * not there, so then the worker sends. What is left makes the browser try again later.
 */
async function drain(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window' });
  for (const page of pages) page.postMessage('drain');
  if (pages.some(({ visibilityState }) => visibilityState === 'visible')) return;
  await sendWaiting(createOutbox());
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', ({ data }) => {
  if (data === 'take-over') void self.skipWaiting();
});
self.addEventListener('sync' as 'message', (event) => {
  const sync = event as unknown as SyncEvent;
  if (sync.tag === 'drain') sync.waitUntil(drain());
});
self.addEventListener('fetch', (event) => {
  const route = routeOf(event.request, self.location.origin, files);
  if (route.kind === 'shell') event.respondWith(fromShell(SHELL, event.request));
  else if (route.kind === 'file') event.respondWith(fromShell(route.path, event.request));
  else if (route.kind === 'picture') event.respondWith(picture(event.request));
});
