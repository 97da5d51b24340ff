import { type ReadonlySignal, signal } from '@preact/signals-core';

/** Chromium's own, absent elsewhere and in the type library. */
interface SyncingRegistration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

export interface WorkerBridge {
  /** A newer Tipwatch is on the phone and waits to be let in. */
  updateReady: ReadonlySignal<boolean>;
  /** Lets it in and reloads, once the person agreed; never while a draft is open. */
  update(): void;
  /** Has the worker send when there is signal again, even with the page closed, where the browser can do that. */
  wakeLater(): void;
  /** Whether it can: otherwise nothing goes unless Tipwatch is open. */
  canWake: boolean;
}

/**
 * Puts the service worker in place, so that the next open needs no network, and watches for newer versions. `mayReload`
 * is asked at the last moment: a report begun meanwhile is not taken away under the thumb.
 */
export function registerWorker(mayReload: () => boolean): WorkerBridge {
  const updateReady = signal(false);
  let registration: SyncingRegistration | undefined;
  let asked = false;
  const workers = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;

  const watch = (found: SyncingRegistration): void => {
    registration = found;
    const look = (): void => {
      updateReady.value = found.waiting !== null && Boolean(workers?.controller);
    };
    look();
    found.addEventListener('updatefound', () => found.installing?.addEventListener('statechange', look));
  };
  const seen = (): void => {
    // Installed apps on iOS keep old code for weeks unless asked; offline, asking simply fails.
    if (document.visibilityState === 'visible') void registration?.update().catch(() => undefined);
  };

  // The first screen comes first: keeping the files for the next visit can wait until this one is drawn.
  whenLoaded(() => void workers?.register('/sw.js', { scope: '/' }).then(watch, () => undefined));
  workers?.addEventListener('controllerchange', () => {
    if (asked && mayReload()) location.reload();
    asked = false;
  });
  document.addEventListener('visibilitychange', seen);
  return {
    updateReady,
    update: () => {
      const waiting = registration?.waiting ?? null;
      asked = waiting !== null;
      // Let in by another tab, or held off by a report: the worker is in place and only this page is old.
      if (waiting === null) location.reload();
      else waiting.postMessage('take-over');
    },
    wakeLater: () => void workers?.ready.then((found: SyncingRegistration) => found.sync?.register('drain')).catch(() => undefined),
    canWake: 'SyncManager' in window,
  };
}

function whenLoaded(act: () => void): void {
  if (document.readyState === 'complete') act();
  else window.addEventListener('load', act, { once: true });
}
