/** The entry of the crew's app: puts the parts together and shows the first screen. */
import { signal } from '@preact/signals';
import { render } from 'preact';
import { version } from '../../package.json';
import { createCapture } from '../capture';
import { createOutbox } from '../outbox';
import { registerWorker } from '../sw-bridge';
import { makeApp } from './app';
import { followLook } from './look';
import { take } from './parts/pickers';
import { Root } from './root';
import { listenToRoutes } from './route';
import '../styles/all.css';

const TICK_MS = 5_000;

/** Warm before the first tap, and off while nobody looks: GPS is what empties a phone. */
function warmPosition({ position }: ReturnType<typeof createCapture>): void {
  const follow = (): void => {
    if (document.visibilityState === 'visible') position.start();
    else position.stop();
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}

function open(holder: HTMLElement): void {
  followLook(document.documentElement);
  listenToRoutes();
  const outbox = createOutbox();
  const capture = createCapture(outbox);
  warmPosition(capture);
  const now = signal(new Date());
  setInterval(() => {
    now.value = new Date();
  }, TICK_MS);
  const worker = registerWorker();
  const app = makeApp({
    outbox,
    capture,
    updates: { ready: worker.updateReady, apply: () => worker.update() },
    version,
    now,
    take,
  });
  holder.replaceChildren();
  render(<Root app={app} />, holder);
  outbox.start({ window, document, serviceWorker: navigator.serviceWorker });
}

const holder = document.getElementById('app');
if (holder !== null) open(holder);
