import { describe, expect, it, vi } from 'vitest';

import { Api, clockOffsetMs } from '../../src/wire/api';
import { Client, NoNetwork, Refused } from '../../src/wire/client';
import type { PushRequest } from '../../src/wire/types';
import { problem, reply } from '../council';

function apiAnswering(answer: () => Response | Promise<Response>): Api {
  return new Api(new Client({ fetch: async () => answer(), now: () => 1_000 }));
}

const html = (status: number) => new Response('<html>Accept our terms</html>', { status, headers: { 'content-type': 'text/html' } });

describe('an answer that is not the council’s is no network', () => {
  it.each([
    ['a portal’s page with status 200', () => html(200)],
    ['a bare 401 of a proxy', () => html(401)],
    ['a bare 400', () => new Response('nope', { status: 400 })],
    ['a gateway’s 502', () => html(502)],
    ['JSON of another shape', () => reply(200, { hello: 'world' })],
    ['JSON cut in the middle', () => new Response('{"user": {"id"', { headers: { 'content-type': 'application/json' } })],
    ['JSON with the wrong type', () => new Response('{"user":{},"authority":{}}', { headers: { 'content-type': 'text/plain' } })],
    ['a problem whose status is not the answer’s', () => reply(403, problem(401, 'signed_out'))],
    ['an error of fetch', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('%s', async (_name, answer) => {
    await expect(apiAnswering(answer).session()).rejects.toBeInstanceOf(NoNetwork);
  });

  it('a push reply that leaves an operation out or speaks of another', async () => {
    const request = { device_id: 'd', ops: [{ op_id: '1' }, { op_id: '2' }] } as PushRequest;
    const results = [{ op_id: '1', verdict: 'applied' }];
    const swapped = [{ op_id: '2', verdict: 'applied' }, ...results];
    await expect(apiAnswering(() => reply(200, { results })).push(request)).rejects.toBeInstanceOf(NoNetwork);
    await expect(apiAnswering(() => reply(200, { results: swapped })).push(request)).rejects.toBeInstanceOf(NoNetwork);
  });

  it('a ping echoed with another nonce', async () => {
    const api = apiAnswering(() => reply(200, { nonce: 'other', server_time: '2026-11-20T07:11:02Z' }));
    await expect(api.ping('mine')).rejects.toBeInstanceOf(NoNetwork);
  });
});

describe('the council’s own refusals', () => {
  it('keep their code and the wait asked for', async () => {
    const api = apiAnswering(() => reply(429, problem(429, 'too_many_requests', 'Too many requests'), { 'retry-after': '17' }));
    const error: unknown = await api.session().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ status: 429, retryAfterS: 17, problem: { code: 'too_many_requests' } });
  });

  it.each([
    ['by the proxy’s own clock, whatever the phone’s says', { date: 'Fri, 20 Nov 2026 07:11:00 GMT' }, 90],
    ['by the phone’s clock when the proxy does not tell its own', {}, 3_690],
  ])('tell a moment to wait for, as proxies do: %s', async (_name, date, seconds) => {
    const headers = { 'retry-after': 'Fri, 20 Nov 2026 07:12:30 GMT', ...date };
    const now = (): number => Date.parse('2026-11-20T06:11:00Z');
    const busy = reply(503, problem(503, 'busy', 'Busy'), headers);
    const api = new Api(new Client({ fetch: () => Promise.resolve(busy), now }));
    await expect(api.session()).rejects.toMatchObject({ status: 503, retryAfterS: seconds });
  });

  it.each(['', 'soon', '-5', 'Fri, 20 Nov 2020 07:12:30 GMT'])('ask for no wait with %o', async (asked) => {
    const api = new Api(
      new Client({
        fetch: () => Promise.resolve(reply(503, problem(503, 'busy', 'Busy'), { 'retry-after': asked })),
        now: () => Date.parse('2026-11-20T07:11:00Z'),
      }),
    );
    await expect(api.session()).rejects.toMatchObject({ status: 503, retryAfterS: null });
  });

  it('do not stop signing out of a session that has ended', async () => {
    await expect(apiAnswering(() => reply(401, problem(401, 'signed_out'))).signOut()).resolves.toBeUndefined();
    await expect(apiAnswering(() => html(200)).signOut()).resolves.toBeUndefined();
    await expect(apiAnswering(() => html(302)).signOut()).rejects.toBeInstanceOf(NoNetwork);
  });
});

it('asks for what never comes from a cache or another origin', async () => {
  const fetched = vi.fn<typeof fetch>(() => Promise.resolve(reply(200, { user: {}, authority: {} })));
  await new Api(new Client({ fetch: fetched, now: () => 0 })).session();
  expect(fetched.mock.calls[0]?.[0]).toBe('/api/v1/session');
  expect(fetched.mock.calls[0]?.[1]).toMatchObject({ cache: 'no-store', redirect: 'error', credentials: 'same-origin' });
});

it('gives up after thirty seconds of silence, and not while bytes arrive', async () => {
  vi.useFakeTimers();
  try {
    const silent: typeof fetch = (_input, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    const call = new Api(new Client({ fetch: silent, now: Date.now })).session().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(30_001);
    expect(await call).toBeInstanceOf(NoNetwork);

    const text = new TextEncoder().encode('{"user":{},"authority":{}}');
    const slow = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (const byte of text) {
          await new Promise((next) => setTimeout(next, 20_000));
          controller.enqueue(Uint8Array.of(byte));
        }
        controller.close();
      },
    });
    const answer = new Response(slow, { headers: { 'content-type': 'application/json' } });
    const dripping = apiAnswering(() => answer).session();
    await vi.advanceTimersByTimeAsync(20_000 * text.length);
    await expect(dripping).resolves.toMatchObject({ user: {} });
  } finally {
    vi.useRealTimers();
  }
});

it('measures the server’s clock against the middle of the call', () => {
  const timing = { sentAt: Date.parse('2026-11-20T07:00:00Z'), answeredAt: Date.parse('2026-11-20T07:00:02Z') };
  expect(clockOffsetMs('2026-11-20T06:13:01Z', { timing })).toBe(-47 * 60_000);
});

it('keeps a list the server says is still good', async () => {
  const seen: (string | null)[] = [];
  const client = new Client({
    now: () => 0,
    fetch: (_input, init) => {
      const etag = new Headers(init?.headers).get('if-none-match');
      seen.push(etag);
      const lists = { categories: [], waste: [], sizes: [], land: [], hazards: [] };
      return Promise.resolve(etag === '"7"' ? new Response(null, { status: 304 }) : reply(200, lists, { etag: '"7"' }));
    },
  });
  const fresh = await new Api(client).reference(null);
  expect(fresh?.etag).toBe('"7"');
  expect(await new Api(client).reference('"7"')).toBeNull();
  expect(seen).toEqual([null, '"7"']);
});
