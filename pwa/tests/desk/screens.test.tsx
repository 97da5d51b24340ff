// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { signal } from '@preact/signals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeDesk, openDesk } from '../../src/desk/desk';
import { Root } from '../../src/desk/root';
import { listenToRoutes } from '../../src/parts/route';
import { Api } from '../../src/wire/api';
import { Client } from '../../src/wire/client';
import { DeskApi } from '../../src/wire/desk-api';
import { problem, reply } from '../council';
import { NOW } from './council';

vi.mock('../../src/map/map-view', () => ({ MapView: () => null }));
listenToRoutes();

/** The wire's examples, which the server's tests hold its answers to. */
const folder = join(import.meta.dirname, '../../../tests/contract/examples');
const example = (name: string): object => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as object;

/** The id that the example of a place has. */
const PLACE = '3f0e9a10-1b2c-4d3e-8f40-5a6b7c8d9e0f';
/** And that of what was kept. */
const KEPT = 'f1a2b3c4-0000-4000-8000-000000000001';

const answers: Readonly<Record<string, string>> = {
  'GET /cases': 'desk.cases.list',
  'GET /hotspots': 'desk.hotspots.window',
  'GET /hotspots/patrol': 'desk.hotspots.patrol',
  'GET /hotspots/h1': 'desk.hotspot',
  [`PATCH /hotspots/${PLACE}`]: 'desk.hotspot',
  [`GET /hotspots/${PLACE}/effect`]: 'desk.hotspot.effect',
  'GET /jobs': 'desk.jobs.list',
  'GET /users': 'desk.users.list',
  'POST /users': 'desk.users.post',
  'GET /devices': 'desk.devices.list',
  'GET /sync/kept': 'desk.sync.kept',
  'GET /sync/held': 'desk.sync.held',
  [`POST /sync/kept/${KEPT}/settle`]: 'desk.sync.kept.settle',
  'POST /devices/codes': 'desk.devices.codes',
  'GET /insight/overview': 'desk.insight.overview',
};

const asked: string[] = [];
/** What calls answer from now on, in the place of their examples. */
const instead = new Map<string, object>();
/** Calls that are refused once, each with its answer. */
const refused = new Map<string, Response>();
/** What was written, and against which revision. */
const sent: { call: string; ifMatch: string | null; body: unknown }[] = [];

function council(role: string): typeof fetch {
  const session = {
    user: { id: 'u-1', name: 'Dana', email: 'dana@demo.example', role },
    authority: { id: 'a-1', slug: 'demo', name: 'Demo', demo: false, bounds: null },
    device_id: null,
  };
  return (input, init = {}) => {
    const url = new URL(input as string, 'http://desk.test');
    const call = `${init.method ?? 'GET'} ${url.pathname.replace('/api/v1', '')}`;
    asked.push(call + url.search);
    if (init.method !== undefined && init.method !== 'GET') {
      sent.push({ call, ifMatch: new Headers(init.headers).get('If-Match'), body: init.body });
    }
    if (call === 'GET /session') return Promise.resolve(role === '' ? reply(401, problem(401, 'signed_out')) : reply(200, session));
    if (call === 'GET /reference') return Promise.resolve(reply(200, example('reference')));
    const refusal = refused.get(call);
    refused.delete(call);
    if (refusal !== undefined) return Promise.resolve(refusal);
    const name = answers[call];
    const answer = instead.get(call) ?? (name === undefined ? undefined : example(name));
    return Promise.resolve(answer === undefined ? reply(404, problem(404, 'not_found', 'There is no such thing')) : reply(200, answer));
  };
}

async function open(hash: string, role = 'admin'): Promise<void> {
  asked.length = 0;
  sent.length = 0;
  instead.clear();
  location.hash = hash;
  window.dispatchEvent(new Event('hashchange'));
  const client = new Client({ fetch: council(role), now: () => NOW.getTime() });
  const desk = makeDesk({ api: new DeskApi(client), council: new Api(client), now: signal(NOW) });
  render(<Root desk={desk} />);
  await act(() => openDesk(desk));
  await waitFor(() => expect(screen.queryAllByText('Loading')).toHaveLength(0));
}

const text = (): string => document.querySelector('main')?.textContent ?? '';

afterEach(cleanup);

describe('hotspots', () => {
  it('tell the window and the moment they go with, and lead to the same question as files', async () => {
    await open('#/hotspots?window_days=90&min=3');
    expect(text()).toMatch(/Worked out for this question: 90 days up to Saturday 21 November 2026/);
    expect(text()).toContain('Oldbury Road, Hartshill');
    expect(asked).toContain('GET /hotspots?window_days=90&min=3');
    expect(screen.getByRole('link', { name: 'CSV' }).getAttribute('href')).toBe('/api/v1/hotspots?window_days=90&min=3&format=csv');
  });

  it('are asked for by area and by any first day, and files and sheet keep the question', async () => {
    await open('#/hotspots?ward=Hartshill&as_of=2026-06-20&window_days=45');
    const lastMoment = encodeURIComponent('2026-06-20T22:59:59.000Z');
    expect(asked.some((call) => call.startsWith(`GET /hotspots?ward=Hartshill&window_days=45&as_of=${lastMoment}`))).toBe(true);
    expect(screen.getByLabelText<HTMLInputElement>('From').value).toBe('2026-05-06');
    expect(text()).toContain('Places in Hartshill Ward; each keeps its rank in the whole council.');
    for (const name of ['CSV', 'GeoJSON', 'Patrol sheet']) {
      const href = screen.getByRole('link', { name }).getAttribute('href');
      expect(href).toMatch(/[?&]ward=Hartshill&/);
      expect(href).toContain('window_days=45');
    }
    fireEvent.input(screen.getByLabelText('From'), { target: { value: '2026-06-01' } });
    expect(location.hash).toContain('window_days=19');
  });

  it('each have a page with plots, the same in words, their cases and what was done', async () => {
    await open('#/hotspots/h1');
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Oldbury Road, Hartshill');
    expect(document.querySelectorAll('.plot.months rect')).toHaveLength(12);
    expect(document.querySelectorAll('.plot.hours rect')).toHaveLength(24);
    expect(text()).toMatch(/By month\. Most in 4 months, 2 cases each/);
    expect(screen.getByRole('table', { name: 'What was left' }).textContent).toContain('White Goods3');
    expect(screen.getAllByRole('link', { name: 'NW-26-00123' })[0]?.getAttribute('href')).toBe(
      '#/cases/6e1d2c3b-4a59-4687-9706-f5e4d3c2b1a0',
    );
    expect(text()).toContain('Clear: cleared');
    expect(document.querySelector('[style]')).toBeNull();
  });

  it('say what would be usual and what chance would do, without a word of statistics', async () => {
    await open('#/hotspots/h1');
    expect(text()).toContain('5 fly-tips in a year; about 0.4 would be usual here.');
    expect(text()).toContain('That is more than chance explains: it would bring as many to a place like this less than one time in 10,000.');
    expect(text()).toContain('2 in 30 days, 3 in 90 days, 5 in a year');
    expect(text()).toContain('the most-hit place of all would have about 3, and seldom more than 5');
    cleanup();
    await open('#/hotspots?window_days=90');
    expect(text()).toContain('5 fly-tips in 90 days; about 0.4 would be usual here.');
    expect(text()).toContain('more than usual');
    expect(text().replace(/For the record:.*?\./g, '')).not.toMatch(/\b(p|q)\b|kernel|Poisson|expected|significan/i);
  });

  it('say whether what was put up worked, with what speaks against it', async () => {
    await open('#/hotspots/h1');
    const effect = screen.getByRole('article', { name: 'Camera, from 20 Aug 2026: fell' });
    expect(effect.textContent).toMatch(/Here91Around it, to 500 m45/);
    expect(effect.textContent).toMatch(/0\.18 times as many; anything from 0\.041 to 0\.81 times fits/);
    expect(effect.textContent).toContain('not that this is why');
    const near = screen.getByRole('region', { name: 'Cameras and signs near it' });
    expect(near.textContent).toContain('Camera, since 20 Aug 2026Here: 12 m from its middle, case NW-26-00123');
  });

  it('compare before and after a day that somebody names', async () => {
    await open('#/hotspots/h1');
    const form = screen.getByRole('form', { name: 'Compare before and after a day' });
    fireEvent.submit(form);
    expect(form.textContent).toContain('Say on which day it began');
    fireEvent.change(within(form).getByLabelText('What began'), { target: { value: 'gate' } });
    fireEvent.input(within(form).getByLabelText('On which day'), { target: { value: '2026-09-01' } });
    expect(form.textContent).toContain('Tue, 1 Sept 2026');
    fireEvent.submit(form);
    const found = await screen.findByRole('article', { name: 'Gate, from 1 Sept 2026: no clear change' });
    expect(asked).toContain(`GET /hotspots/${PLACE}/effect?kind=gate&start=2026-09-01`);
    expect(found.textContent).toContain('Too early: 12 days have passed');
  });

  it('are named by a person, against what that person saw', async () => {
    await open('#/hotspots/h1');
    fireEvent.click(screen.getByRole('button', { name: 'Name it…' }));
    const sheet = await screen.findByRole('dialog');
    fireEvent.input(within(sheet).getByLabelText('Name'), { target: { value: ' The old gate ' } });
    fireEvent.click(within(sheet).getByRole('button', { name: 'Save the name' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(sent).toEqual([{ call: `PATCH /hotspots/${PLACE}`, ifMatch: '"412"', body: '{"label":"The old gate"}' }]);
  });

  it('keep the name that was typed when somebody changed the place meanwhile, until it was looked at again', async () => {
    await open('#/hotspots/h1');
    fireEvent.click(screen.getByRole('button', { name: 'Name it…' }));
    const sheet = await screen.findByRole('dialog');
    fireEvent.input(within(sheet).getByLabelText('Name'), { target: { value: 'The old gate' } });
    refused.set(`PATCH /hotspots/${PLACE}`, reply(412, problem(412, 'changed_meanwhile', 'It was named')));
    fireEvent.click(within(sheet).getByRole('button', { name: 'Save the name' }));
    const told = await within(sheet).findByRole('alert');
    expect(told.textContent).toMatch(/changed while you were looking.*was not saved/);
    const looks = (): number => asked.filter((call) => call === 'GET /hotspots/h1').length;
    const before = looks();
    fireEvent.click(within(told).getByRole('button', { name: 'Look again' }));
    expect(within(sheet).queryByRole('alert')).not.toBeNull();
    await waitFor(() => expect(within(sheet).queryByRole('alert')).toBeNull());
    expect(looks()).toBe(before + 1);
    expect(within(sheet).getByLabelText<HTMLInputElement>('Name').value).toBe('The old gate');
  });

  it('make a sheet to print', async () => {
    const print = vi.fn();
    vi.stubGlobal('print', print);
    await open('#/hotspots/patrol');
    expect(text()).toContain('SP 30960 97610');
    expect(text()).toContain('Left there: White Goods (3), Not said (2).');
    fireEvent.click(screen.getByRole('button', { name: 'Print' }));
    expect(print).toHaveBeenCalledOnce();
  });
});

describe('the overview', () => {
  it('gives each figure with its window and moment, and leads from it to its rows', async () => {
    await open('#/overview?by=month');
    expect(text()).toMatch(/Cases opened 1 Dec 2025 to 21 Nov 2026, as at Saturday 21 November 2026/);
    const link = screen.getByRole('link', { name: '62 received, in all: show the cases' });
    expect(link.getAttribute('href')).toMatch(/^#\/cases\?opened_from=.*&state=any$/);
    expect(text()).toContain('2.6 days');
  });

  it('asks for whole days of the chosen window', async () => {
    await open('#/overview?by=ward&from=2026-06-01');
    const call = asked.find((made) => made.startsWith('GET /insight/overview?by=ward&from='));
    expect(new URLSearchParams(call?.split('?')[1]).get('from')).toBe('2026-05-31T23:00:00.000Z');
  });

  it('offers the quarters and years that councils report by, and days of one’s own', async () => {
    await open('#/overview?by=ward');
    const windows = screen.getByLabelText<HTMLSelectElement>('Cases opened in');
    expect(screen.queryByLabelText('From')).toBeNull();
    fireEvent.change(windows, { target: { value: 'last-quarter' } });
    await waitFor(() => expect(location.hash).toBe('#/overview?by=ward&from=2026-07-01&to=2026-09-30'));
    const end = encodeURIComponent('2026-09-30T23:00:00.000Z');
    await waitFor(() => expect(asked.some((made) => made.startsWith('GET /insight/overview?') && made.includes(`to=${end}`))).toBe(true));
    fireEvent.change(windows, { target: { value: 'own' } });
    expect(screen.getByLabelText<HTMLInputElement>('From').value).toBe('2026-07-01');
    expect(screen.getByLabelText<HTMLInputElement>('Up to and including').value).toBe('2026-09-30');
  });
});

describe('field work and people', () => {
  it('shows jobs by crew and age, and which are late', async () => {
    await open('#/jobs');
    expect(asked).toContain('GET /jobs?state=open');
    expect(screen.getByRole('table', { name: 'Open jobs by crew' }).textContent).toContain('Crew of North31');
    expect(text()).toMatch(/Late: it was due/);
  });

  it('shows what each phone still holds, and sets one up by a code to scan', async () => {
    await open('#/phones');
    expect(text()).toMatch(/3 items not sent yet, the oldest from today 06:42/);
    fireEvent.click(screen.getByRole('button', { name: 'Set up a phone…' }));
    const sheet = await screen.findByRole('dialog');
    fireEvent.change(await within(sheet).findByLabelText('Whose phone?'), { target: { value: 'a1b2c3d4-0000-4000-8000-000000000001' } });
    fireEvent.click(within(sheet).getByRole('button', { name: 'Show the code' }));
    const code = await within(sheet).findByRole('img');
    expect(code.getAttribute('src')).toMatch(/^data:image\/svg\+xml/);
    expect(sheet.textContent).toContain('https://tipwatch.example/crew#enrol=abc');
  });

  it('shows what phones sent that took no effect, why, and all of it', async () => {
    await open('#/phones');
    const kept = await screen.findByRole('region', { name: 'Kept for you to look at' });
    expect(kept.textContent).toMatch(/A new report .*Crew of North.*Van 1 phone.*Something in it has to be mended/);
    expect(kept.querySelector('blockquote')?.textContent).toContain('"type":"report.create"');
    const held = screen.getByRole('region', { name: 'Waiting for more than a day' });
    expect(held.textContent).toMatch(/More about a report .*It waits for what it builds on/);
  });

  it('takes what an officer has dealt with off the list, with the words of what was done', async () => {
    await open('#/phones');
    const kept = await screen.findByRole('region', { name: 'Kept for you to look at' });
    fireEvent.click(within(kept).getByRole('button', { name: 'I have dealt with it…' }));
    const sheet = await screen.findByRole('dialog', { name: 'Settle: A new report' });
    fireEvent.click(within(sheet).getByRole('button', { name: 'Settle it' }));
    expect(sheet.textContent).toContain('Say what was done about it');
    expect(sent).toEqual([]);
    fireEvent.input(within(sheet).getByLabelText('What was done about it?'), { target: { value: ' Rang the crew ' } });
    instead.set('GET /sync/kept', { items: [], next: null });
    fireEvent.click(within(sheet).getByRole('button', { name: 'Settle it' }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Kept for you to look at' })).toBeNull());
    expect(sent).toEqual([{ call: `POST /sync/kept/${KEPT}/settle`, ifMatch: null, body: '{"note":"Rang the crew"}' }]);
    expect(screen.queryByRole('dialog')).toBeNull();
    const [show, wait] = ['Show what phones sent that was settled', 'Show what waits for an officer'];
    fireEvent.click(screen.getByRole('button', { name: show }));
    await screen.findByText('Nothing has been settled yet.');
    fireEvent.click(screen.getByRole('button', { name: wait }));
    instead.set('GET /sync/kept', example('desk.sync.kept.settled'));
    fireEvent.click(screen.getByRole('button', { name: show }));
    const settled = await screen.findByRole('region', { name: 'Settled' });
    expect(settled.textContent).toContain('Rang the crew, typed in again');
    expect(within(settled).queryByRole('button', { name: 'I have dealt with it…' })).toBeNull();
  });

  it('shows a manager who works here, and why nothing can be changed', async () => {
    await open('#/people', 'manager');
    expect(text()).toContain('Dana Officer');
    expect(text()).toContain('Only an administrator invites people');
    expect(screen.queryByRole('button', { name: /Invite|Change/ })).toBeNull();
  });

  it('invites somebody and shows the link once', async () => {
    await open('#/people');
    expect(text()).toContain('Dana Officer');
    fireEvent.click(screen.getByRole('button', { name: 'Invite somebody…' }));
    const sheet = await screen.findByRole('dialog');
    fireEvent.input(within(sheet).getByLabelText('Name'), { target: { value: 'New Person' } });
    fireEvent.input(within(sheet).getByLabelText('Email'), { target: { value: 'new@north.example' } });
    fireEvent.click(within(sheet).getByRole('button', { name: 'Invite' }));
    await within(sheet).findByText('https://tipwatch.example/sign-in/abc');
  });
});

describe('who may come in', () => {
  it('is told how to sign in, and led back to what was asked for', async () => {
    await open('#/jobs?state=done', '');
    expect(screen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe('/sign-in?next=%2Fdesk%23%2Fjobs%3Fstate%3Ddone');
  });

  it('is sent to the crew’s app when it is a crew', async () => {
    await open('#/cases', 'crew');
    expect(screen.getByRole('link', { name: 'Go to the crew’s app' }).getAttribute('href')).toBe('/crew');
  });

  it('sees people only as an administrator', async () => {
    await open('#/cases', 'officer');
    expect(screen.queryByRole('link', { name: 'People' })).toBeNull();
  });

  it('is told plainly when something is not there', async () => {
    await open('#/hotspots/h2');
    expect(screen.getByRole('alert').textContent).toContain('There is no such thing');
  });
});
