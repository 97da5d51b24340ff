/** The entry of the crew's app: puts the parts together and shows the first screen. */
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { version } from '../../package.json';
import { createCapture } from '../capture';
import { createOutbox } from '../outbox';
import { registerWorker } from '../sw-bridge';
import { makeApp, type App } from './app';
import { keepAwake } from './awake';
import { followLook } from '../parts/look';
import { take } from './parts/pickers';
import { Root } from './root';
import { listenToRoutes } from '../parts/route';
import '../styles/all.css';

const TICK_MS = 5_000;

/** What some browsers have and others lack, whatever the type library says. */
const browser = navigator as { readonly wakeLock?: WakeLock; readonly connection?: EventTarget };

/**
 * GPS is warm before the first tap, and off while nobody looks: it is what empties a phone. A page that goes out of
 * sight may be killed there, so what is being put together is stored at that moment, without waiting for its timer.
 */
function followVisibility({ capture, draft, result }: App): void {
  const follow = (): void => {
    if (document.visibilityState === 'visible') {
      capture.position.start();
    } else {
      capture.position.stop();
      void draft.value?.keep();
      if (result.value?.touched.value === true) void result.value.keep();
    }
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}

function open(holder: HTMLElement): void {
  followLook(document.documentElement);
  listenToRoutes();
  const outbox = createOutbox();
  const capture = createCapture(outbox);
  const now = signal(new Date());
  setInterval(() => {
    now.value = new Date();
  }, TICK_MS);
  const worker = registerWorker(() => app.draft.value === null && app.result.value?.touched.value !== true);
  const app = makeApp({
    outbox,
    capture,
    updates: { ready: worker.updateReady, apply: () => worker.update() },
    sendsClosed: worker.canWake,
    version,
    now,
    take,
  });
  followVisibility(app);
  keepAwake(outbox, browser.wakeLock);
  effect(() => {
    if (outbox.waiting.value > 0) worker.wakeLater();
  });
  holder.replaceChildren();
  render(<Root app={app} />, holder);
  outbox.start({ window, document, serviceWorker: navigator.serviceWorker, connection: browser.connection });
}

const holder = document.getElementById('app');
if (holder !== null) open(holder);
