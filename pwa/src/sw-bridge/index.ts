import { type ReadonlySignal, signal } from '@preact/signals-core';

/** Chromium's own, absent elsewhere and in the type library. */
interface SyncingRegistration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

export interface WorkerBridge {
  /** A newer Tipwatch is on the phone and waits to be let in. */
  updateReady: ReadonlySignal<boolean>;
  /** Lets it in and reloads. Call only when the person agreed and no draft is open. */
  update(): void;
}

/** Puts the service worker in place, so that the next open needs no network, and watches for newer versions. */
export function registerWorker(): WorkerBridge {
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
    else void registration?.sync?.register('drain').catch(() => undefined);
  };

  // The first screen comes first: keeping the files for the next visit can wait until this one is drawn.
  whenLoaded(() => void workers?.register('/sw.js', { scope: '/' }).then(watch, () => undefined));
  workers?.addEventListener('controllerchange', () => {
    if (asked) location.reload();
  });
  document.addEventListener('visibilitychange', seen);
  return {
    updateReady,
    update: () => {
      asked = true;
      registration?.waiting?.postMessage('take-over');
    },
  };
}

function whenLoaded(act: () => void): void {
  if (document.readyState === 'complete') act();
  else window.addEventListener('load', act, { once: true });
}
