/** The entry of the officer's desk: puts the parts together and shows the first screen. */
import { signal } from '@preact/signals';
import { render } from 'preact';
import { followLook } from '../parts/look';
import { listenToRoutes } from '../parts/route';
import { Api } from '../wire/api';
import { Client } from '../wire/client';
import { DeskApi } from '../wire/desk-api';
import { makeDesk, openDesk } from './desk';
import { Root } from './root';
import '../styles/desk.css';

const TICK_MS = 30_000;

function open(holder: HTMLElement): void {
  followLook(document.documentElement);
  listenToRoutes();
  const now = signal(new Date());
  setInterval(() => {
    now.value = new Date();
  }, TICK_MS);
  const client = new Client({ fetch: (...asked) => fetch(...asked), now: () => Date.now() });
  const desk = makeDesk({ api: new DeskApi(client), council: new Api(client), now });
  holder.replaceChildren();
  render(<Root desk={desk} />, holder);
  void openDesk(desk);
}

const holder = document.getElementById('app');
if (holder !== null) open(holder);
