// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';

import { AUTHORITY, Council, USER } from '../council';
import { reportInput } from '../outbox/phone';

const LOADING = { timeout: 20_000 };

/** The whole app as its page opens it, in a browser that has what only some have. */
it('keeps the screen on while it sends, has the worker send later, and sends at once over another link', async () => {
  const council = new Council();
  council.fault = () => 'lost_request';
  const release = vi.fn(() => Promise.resolve());
  const request = vi.fn(() => Promise.resolve({ release }));
  const register = vi.fn(() => Promise.resolve());
  const connection = new EventTarget();
  const workers = Object.assign(new EventTarget(), { ready: Promise.resolve({ sync: { register } }), register: () => new Promise(() => undefined) });
  for (const [name, value] of Object.entries({ wakeLock: { request }, connection, serviceWorker: workers, geolocation: undefined, locks: undefined })) {
    Object.defineProperty(navigator, name, { configurable: true, value });
  }
  vi.stubGlobal('fetch', council.fetch);
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const { Db } = await import('../../src/outbox');
  const db = new Db('tipwatch');
  await db.setMeta('session', { user: USER, authority: AUTHORITY, paused: false, revoked: null, seenAt: Date.now() });
  document.body.innerHTML = '<div id="app"></div>';
  await import('../../src/screens/main');
  await expect.poll(() => document.querySelector('h1, button'), LOADING).not.toBeNull();
  expect([request, register].map((asked) => asked.mock.calls.length)).toEqual([0, 0]);

  const { createOutbox } = await import('../../src/outbox');
  const otherTab = createOutbox();
  await otherTab.saveReport(reportInput(), []);
  await expect.poll(() => register.mock.calls[0], LOADING).toEqual(['drain']);
  // So many tries without signal that the next by itself is minutes away.
  for (let tries = council.calls.length; council.calls.length < 8; tries = council.calls.length) {
    document.dispatchEvent(new Event('visibilitychange'));
    await expect.poll(() => council.calls.length, LOADING).toBeGreaterThan(tries);
  }
  council.fault = () => 'none';
  connection.dispatchEvent(new Event('change'));
  await expect.poll(() => council.applied.size, LOADING).toBe(1);
  await expect.poll(() => release.mock.calls.length, LOADING).toBe(request.mock.calls.length);
  expect(request).toHaveBeenCalledWith('screen');
  await db.close();
});
