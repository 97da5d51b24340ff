// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeDesk, openDesk } from '../../src/desk/desk';
import { Root } from '../../src/desk/root';
import { listenToRoutes } from '../../src/parts/route';
import { Api } from '../../src/wire/api';
import { Client } from '../../src/wire/client';
import { DeskApi } from '../../src/wire/desk-api';
import type { HeldList, HeldReport } from '../../src/wire/held-types';
import { problem, reply } from '../council';
import { NOW } from './council';

vi.mock('../../src/map/map-view', () => ({ MapView: () => null }));
listenToRoutes();

const folder = join(import.meta.dirname, '../../../tests/contract/examples');
const example = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
const [held] = (example('desk.quarantine.list') as HeldList).items as [HeldReport];
const person = (example('desk.users.list') as { items: object[] }).items[0];

/** A council with three reports held back, in pages of two, and three pages of people. */
const asked: string[] = [];
let waiting: HeldReport[] = [];

const answer: typeof fetch = (input, init = {}) => {
  const url = new URL(input as string, 'http://desk.test');
  const call = `${init.method ?? 'GET'} ${url.pathname.replace('/api/v1', '')}`;
  asked.push(call + url.search);
  const cursor = Number(url.searchParams.get('cursor') ?? '0');
  const user = { id: 'u-1', name: 'Dana', email: 'dana@demo.example', role: 'admin' };
  const [, , id = '', verb = ''] = url.pathname.replace('/api/v1', '').split('/');
  if (call === 'GET /session') {
    return Promise.resolve(reply(200, { user, authority: { id: 'a', slug: 'demo', name: 'Demo', demo: false, bounds: null }, device_id: null }));
  }
  if (call === 'GET /reference') return Promise.resolve(reply(200, example('reference')));
  if (call === 'GET /quarantine') {
    const of = url.searchParams.get('state') === 'refused' ? [held] : waiting;
    const next = of.length > cursor + 2 ? String(cursor + 2) : null;
    return Promise.resolve(reply(200, { items: of.slice(cursor, cursor + 2), next, counts: { waiting: waiting.length, refused: 1 } }));
  }
  if (verb === 'release' || verb === 'refuse') {
    waiting = waiting.filter(({ report_id }) => report_id !== id);
    return Promise.resolve(reply(200, { report_id: id }));
  }
  if (verb === 'contact') return Promise.resolve(reply(200, example('desk.report.contact')));
  if (call === 'GET /users') {
    const q = url.searchParams.get('q');
    const items = q === 'nobody' ? [] : [{ ...person, id: `p${cursor}`, name: `Person ${cursor}` }];
    return Promise.resolve(reply(200, { items, next: cursor < 2 && items.length > 0 ? String(cursor + 1) : null }));
  }
  return Promise.resolve(reply(404, problem(404, 'not_found', 'There is no such thing')));
};

async function open(hash: string): Promise<void> {
  location.hash = hash;
  window.dispatchEvent(new Event('hashchange'));
  const client = new Client({ fetch: answer, now: () => NOW.getTime() });
  const desk = makeDesk({ api: new DeskApi(client), council: new Api(client), now: signal(NOW) });
  render(<Root desk={desk} />);
  await act(() => openDesk(desk));
  await waitFor(() => expect(screen.queryAllByText('Loading')).toHaveLength(0));
}

const codes = (): (string | null)[] => screen.getAllByRole('article').map((article) => article.getAttribute('aria-label'));

beforeEach(() => {
  asked.length = 0;
  waiting = ['A', 'B', 'C'].map((code) => ({ ...held, report_id: `r${code}`, receipt_code: code, refused: null }));
});
afterEach(cleanup);

describe('reports held back', () => {
  it('tell why, come in pages, and are counted beside the queue', async () => {
    await open('#/held');
    expect(codes()).toEqual(['Report A', 'Report B']);
    expect(screen.getAllByText(/Held back because a field was filled in that people do not see/)).toHaveLength(2);
    await screen.findByRole('link', { name: 'Held back 3 waiting' });
    fireEvent.click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(() => expect(codes()).toEqual(['Report A', 'Report B', 'Report C']));
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull());
  });

  it('are released one by one', async () => {
    await open('#/held');
    fireEvent.click(screen.getByRole('button', { name: 'Release A' }));
    await waitFor(() => expect(codes()).toEqual(['Report B', 'Report C']));
    expect(asked).toContain('POST /quarantine/rA/release');
    expect(screen.getByText(/A is released/)).toBeDefined();
  });

  it('are refused with a reason only', async () => {
    await open('#/held');
    fireEvent.click(screen.getByRole('button', { name: /^Refuse B/ }));
    const sheet = await screen.findByRole('dialog');
    fireEvent.click(within(sheet).getByRole('button', { name: 'Refuse it' }));
    await within(sheet).findByText('Say why, in a few words: it stays with the report');
    expect(asked.some((call) => call.includes('/refuse'))).toBe(false);
    fireEvent.input(within(sheet).getByLabelText('Why?'), { target: { value: 'Spam' } });
    fireEvent.click(within(sheet).getByRole('button', { name: 'Refuse it' }));
    await waitFor(() => expect(codes()).toEqual(['Report A', 'Report C']));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('can be released after they were refused, and say who refused them and why', async () => {
    await open('#/held?state=refused');
    expect(screen.getByText(/Refused by Dana Officer/).textContent).toContain('An advertisement');
    expect(screen.getByRole('button', { name: /Release after all/ })).toBeDefined();
    expect(screen.queryByRole('button', { name: /^Refuse/ })).toBeNull();
  });

  it('say so when there are none', async () => {
    waiting = [];
    await open('#/held');
    expect(screen.getByText('Nothing is held back. Reports that look odd show here.')).toBeDefined();
  });
});

describe('how to reach a sender', () => {
  it('is fetched only when asked for, told as a look on record, and can be hidden', async () => {
    await open('#/held');
    expect(asked.some((call) => call.includes('/contact'))).toBe(false);
    expect(document.body.textContent).not.toContain('pat@north.example');
    expect(screen.getAllByText(/Each look at how is written into the history/)).toHaveLength(2);
    fireEvent.click(screen.getByRole('button', { name: /^Show how to reach them ?: report A$/ }));
    const link = await screen.findByRole('link', { name: 'pat@north.example' });
    expect(link.getAttribute('href')).toBe('mailto:pat@north.example');
    expect(asked.filter((call) => call.includes('/contact'))).toEqual(['GET /reports/rA/contact']);
    fireEvent.click(screen.getByRole('button', { name: 'Hide it' }));
    await waitFor(() => expect(document.body.textContent).not.toContain('pat@north.example'));
  });
});

describe('lists of people', () => {
  it('page through to the end', async () => {
    await open('#/people');
    for (const expected of [2, 3]) {
      fireEvent.click(await screen.findByRole('button', { name: 'Show more' }));
      await waitFor(() => expect(screen.getAllByText(/^Person \d$/, { selector: 'strong' })).toHaveLength(expected));
    }
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull());
  });

  it('are searched by name or email', async () => {
    await open('#/people');
    fireEvent.input(screen.getByLabelText('Name or email'), { target: { value: 'nobody' } });
    fireEvent.click(screen.getByRole('button', { name: 'Search' }));
    await screen.findByText('Nobody fits this search.');
    expect(asked).toContain('GET /users?q=nobody');
  });

  it('are whole where one has to be chosen', async () => {
    await open('#/phones');
    fireEvent.click(await screen.findByRole('button', { name: 'Set up a phone…' }));
    const sheet = await screen.findByRole('dialog');
    const choose = await within(sheet).findByLabelText('Whose phone?');
    expect([...choose.querySelectorAll('option')].map(({ textContent }) => textContent)).toEqual([
      'Choose a person', 'Person 0', 'Person 1', 'Person 2',
    ]);
  });
});
