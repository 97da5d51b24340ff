/** The council as the desk sees it: cases in memory, the wire's own shapes, and a log of what was asked. */
import { signal } from '@preact/signals';
import type { Desk } from '../../src/desk/desk';
import { makeDesk } from '../../src/desk/desk';
import { Api } from '../../src/wire/api';
import { Client } from '../../src/wire/client';
import { DeskApi } from '../../src/wire/desk-api';
import type { BulkResult, CaseList, DecisionOf, DeskCase, DeskCaseRow } from '../../src/wire/desk-types';
import { problem, reply } from '../council';

export const NOW = new Date('2026-11-20T09:00:00Z');

export function aRow(id: string, over: Partial<DeskCaseRow> = {}): DeskCaseRow {
  return {
    id,
    reference: `NW-26-${id}`,
    kind: 'fly_tip',
    category: 'fly_tip',
    state: 'new',
    label: `Road ${id}`,
    lat: 52.5,
    lon: -1.5,
    opened_at: '2026-11-19T08:00:00Z',
    reports: 1,
    photos: { verified: 0, expected: 0 },
    thumb_photo_id: null,
    hazards: [],
    flags: [],
    witnessed: false,
    waste: null,
    hotspot_id: null,
    why_here: ['waiting 1 day'],
    rev: 1,
    closed_because: null,
    duplicate_of: null,
    ...over,
  };
}

export function aPage(items: DeskCaseRow[], over: Partial<CaseList> = {}): CaseList {
  return { items, next: null, counts: { new: items.length, accepted: 0, closed: 0 }, counts_at_least: [], ...over };
}

const place = {
  label: 'Road',
  road: null,
  locality: null,
  postcode: null,
  areas: [],
  grid_reference: null,
  plus_code: null,
  in_area_served: true,
};

export function aWhole(row: DeskCaseRow, over: Partial<DeskCase> = {}): DeskCase {
  const steps = { new: ['accept', 'duplicate', 'not_ours', 'no_evidence', 'close'], accepted: ['close'], closed: ['reopen'] } as const;
  return {
    ...row,
    place,
    second_opinions: [],
    reports_detail: [],
    jobs: [],
    notes: [],
    next_steps: steps[row.state].map((decision) => ({ decision })),
    timeline: [],
    undoable: row.state === 'new' ? [] : [{ seq: 3, what: 'Accepted', by: 'Dana Officer', until: '2026-11-21T09:00:00Z' }],
    ...over,
  };
}

/** A council whose cases can be decided on; another officer may change them behind the desk's back. */
export class DeskCouncil {
  readonly rows: Map<string, DeskCaseRow>;
  readonly asked: string[] = [];
  readonly bodies: unknown[] = [];
  online = true;

  constructor(rows: readonly DeskCaseRow[]) {
    this.rows = new Map(rows.map((row) => [row.id, row]));
  }

  /** What another officer does: the case moves on, and with it its revision. */
  otherOfficer(id: string, over: Partial<DeskCaseRow>): void {
    const row = this.rows.get(id);
    if (row !== undefined) this.rows.set(id, { ...row, ...over, rev: row.rev + 1 });
  }

  readonly fetch: typeof fetch = (input, init = {}) => {
    if (!this.online) return Promise.reject(new TypeError('Failed to fetch'));
    const url = new URL(input as string, 'http://desk.test');
    const method = init.method ?? 'GET';
    const path = url.pathname.replace('/api/v1', '');
    this.asked.push(`${method} ${path}${url.search}`);
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
    this.bodies.push(body);
    return Promise.resolve(this.answer(method, path, url.searchParams, body, new Headers(init.headers)));
  };

  private answer(method: string, path: string, query: URLSearchParams, body: unknown, headers: Headers): Response {
    if (path === '/session') {
      const user = { id: 'u-1', name: 'Dana Officer', email: 'dana@demo.example', role: 'officer' };
      return reply(200, { user, authority: { id: 'a-1', slug: 'demo', name: 'Demo', demo: true, bounds: null }, device_id: null });
    }
    if (path === '/cases') return reply(200, this.list(query.get('state')));
    if (path === '/cases/decisions') return reply(200, { results: this.decideMany(body as DecisionOf & { cases: { id: string; rev: number }[] }) });
    if (path.endsWith('/nearby')) return reply(200, { items: [], hotspots: [], cases_within_m: 250, hotspots_within_m: 500 });
    const [, , id = '', verb] = path.split('/');
    const row = this.rows.get(id);
    if (path.startsWith('/cases/') && row !== undefined) return this.one(method, row, verb, body, headers);
    return reply(404, problem(404, 'not_found'));
  }

  private list(state: string | null): CaseList {
    const all = [...this.rows.values()];
    const of = (code: string): number => all.filter((row) => row.state === code).length;
    const items = all.filter((row) => state === null || row.state === state);
    return aPage(items, { counts: { new: of('new'), accepted: of('accepted'), closed: of('closed') } });
  }

  private decideMany({ cases, decision }: DecisionOf & { cases: { id: string; rev: number }[] }): BulkResult[] {
    return cases.map(({ id, rev }) => {
      const row = this.rows.get(id);
      if (row?.rev !== rev) {
        return { id, outcome: 'changed_meanwhile', rev: row?.rev ?? null, seq: null, detail: 'Priya closed it' };
      }
      this.rows.set(id, { ...row, state: decision === 'accept' ? 'accepted' : 'closed', rev: rev + 1 });
      return { id, outcome: 'done', rev: rev + 1, seq: 3, detail: '' };
    });
  }

  private one(method: string, row: DeskCaseRow, verb: string | undefined, body: unknown, headers: Headers): Response {
    if (method === 'GET') return reply(200, aWhole(row));
    const ifMatch = headers.get('if-match');
    if (ifMatch !== null && ifMatch !== `"${row.rev}"`) {
      const told = { changed_by: 'Priya Officer', changed_at: '2026-11-20T08:58:00Z', changed_what: 'Accepted' };
      return reply(412, { ...problem(412, 'changed_meanwhile'), ...told });
    }
    const state = verb === 'undo' ? 'new' : (body as DecisionOf).decision === 'accept' ? 'accepted' : 'closed';
    const after = { ...row, state, rev: row.rev + 1 } as const;
    this.rows.set(row.id, after);
    return reply(200, aWhole(after));
  }
}

export function deskOf(council: DeskCouncil): Desk {
  const client = new Client({ fetch: council.fetch, now: () => NOW.getTime() });
  return makeDesk({ api: new DeskApi(client), council: new Api(client), now: signal(NOW) });
}
