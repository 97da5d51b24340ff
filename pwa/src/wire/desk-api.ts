import { type Client, isRecord } from './client';
import type { BulkResult, CaseList, CasePatch, DecisionOf, DeskCase, JobList, Nearby, NewJob, Person, Phone, SentLink, Stored } from './desk-types';
import type { Effect, Grouping, HotspotList, HotspotPlace, MeasureTaken, Overview, PatrolSheet } from './figures-types';
import type { HeldList, ReporterContact } from './held-types';
import type { Id, Role } from './types';

export type Query = Readonly<Record<string, string>>;

export interface ListOf<T> {
  items: T[];
  next: string | null;
}

const ROOT = '/api/v1';

const hasItems = (body: unknown): boolean => isRecord(body) && Array.isArray(body.items);
const hasId = (body: unknown): boolean => isRecord(body) && typeof body.id === 'string';
const isWhole = (body: unknown): body is DeskCase => hasId(body) && isRecord(body) && Array.isArray(body.timeline);
const isPlace = (body: unknown): body is HotspotPlace => hasId(body) && isRecord(body) && Array.isArray(body.months);
const isEffect = (body: unknown): body is Effect => isRecord(body) && typeof body.word === 'string' && isRecord(body.place);
const isPerson = (body: unknown): body is Person => hasId(body);
const isInvited = (body: unknown): body is Person & { invite: SentLink } => hasId(body);
const isPhone = (body: unknown): body is Phone => hasId(body);
const isSettled = (body: unknown): body is { id: Id } => hasId(body);
const isBulk = (body: unknown): body is { results: BulkResult[] } => isRecord(body) && Array.isArray(body.results);
const isLink = (body: unknown): body is SentLink => isRecord(body) && typeof body.link === 'string';
const isOfReport = (body: unknown): body is { report_id: Id } => isRecord(body) && typeof body.report_id === 'string';
const isContact = (body: unknown): body is ReporterContact => isRecord(body) && typeof body.erase_after === 'string';
const isOverview = (body: unknown): body is Overview =>
  isRecord(body) && Array.isArray(body.groups) && isRecord(body.totals);

export function withQuery(path: string, query: Query): string {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A file of hotspots for the same question as the list: an address, for a link. */
export function hotspotFile(query: Query, format: 'csv' | 'geojson'): string {
  return withQuery(`${ROOT}/hotspots`, { ...query, format });
}

/** The revision a change was made against: the server refuses it when somebody changed the case since. */
const against = (rev: number): Record<string, string> => ({ 'If-Match': `"${rev}"` });

/** The calls the officer's desk makes. Each throws NoNetwork or Refused. */
export class DeskApi {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  cases(query: Query): Promise<CaseList> {
    return this.list('/cases', query);
  }

  case(id: Id): Promise<DeskCase> {
    return this.client.json({ method: 'GET', path: `${ROOT}/cases/${id}` }, isWhole);
  }

  nearby(id: Id): Promise<Nearby> {
    return this.list(`/cases/${id}/nearby`);
  }

  decide(id: Id, rev: number, body: DecisionOf): Promise<DeskCase> {
    return this.change(`${id}/decisions`, rev, body);
  }

  async decideMany(cases: { id: Id; rev: number }[], decision: DecisionOf): Promise<BulkResult[]> {
    const body = { cases, ...decision };
    const answer = await this.client.json({ method: 'POST', path: `${ROOT}/cases/decisions`, body }, isBulk);
    return answer.results;
  }

  correct(id: Id, rev: number, body: CasePatch): Promise<DeskCase> {
    const headers = against(rev);
    return this.client.json({ method: 'PATCH', path: `${ROOT}/cases/${id}`, headers, body }, isWhole);
  }

  merge(id: Id, rev: number, others: Id[], reason: string): Promise<DeskCase> {
    return this.change(`${id}/merge`, rev, { other_ids: others, reason });
  }

  split(id: Id, rev: number, report: Id, reason: string): Promise<DeskCase> {
    return this.change(`${id}/split`, rev, { report_id: report, reason });
  }

  putOnMap(id: Id, rev: number, body: { lat: number; lon: number; source: 'pin' | 'typed' }): Promise<DeskCase> {
    return this.change(`${id}/position`, rev, body);
  }

  undo(id: Id, seq: number): Promise<DeskCase> {
    return this.change(`${id}/undo`, null, { seq });
  }

  note(id: Id, text: string): Promise<DeskCase> {
    return this.change(`${id}/notes`, null, { text });
  }

  giveJob(id: Id, body: NewJob): Promise<DeskCase> {
    return this.change(`${id}/jobs`, null, body);
  }

  hotspots(query: Query): Promise<HotspotList> {
    return this.list('/hotspots', query);
  }

  hotspot(id: Id, query: Query): Promise<HotspotPlace> {
    return this.client.json({ method: 'GET', path: withQuery(`${ROOT}/hotspots/${id}`, query) }, isPlace);
  }

  /** Gives the place the name people use. Refused when it was changed since `rev`. */
  nameHotspot(id: Id, rev: number, label: string): Promise<HotspotPlace> {
    const headers = against(rev);
    return this.client.json({ method: 'PATCH', path: `${ROOT}/hotspots/${id}`, headers, body: { label } }, isPlace);
  }

  /** Before and after a day on which something was begun at a place. */
  effect(id: Id, kind: MeasureTaken, start: string): Promise<Effect> {
    return this.client.json({ method: 'GET', path: withQuery(`${ROOT}/hotspots/${id}/effect`, { kind, start }) }, isEffect);
  }

  patrol(query: Query): Promise<PatrolSheet> {
    return this.list('/hotspots/patrol', query);
  }

  jobs(query: Query): Promise<JobList> {
    return this.list('/jobs', query);
  }

  people(query: Query = {}): Promise<ListOf<Person>> {
    return this.list('/users', query);
  }

  /** Every page of the people, to choose from. */
  async everybody(query: Query = {}): Promise<Person[]> {
    const found: Person[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: ListOf<Person> = await this.people({ ...query, limit: '100', cursor });
      found.push(...page.items);
      cursor = page.next;
    }
    return found;
  }

  invite(body: { name: string; email: string; role: Role }): Promise<Person & { invite: SentLink }> {
    return this.client.json({ method: 'POST', path: `${ROOT}/users`, body }, isInvited);
  }

  changePerson(id: Id, body: { name?: string; role?: Role; disabled?: boolean }): Promise<Person> {
    return this.client.json({ method: 'PATCH', path: `${ROOT}/users/${id}`, body }, isPerson);
  }

  link(id: Id, purpose: 'invite' | 'reset'): Promise<SentLink> {
    return this.client.json({ method: 'POST', path: `${ROOT}/users/${id}/links`, body: { purpose } }, isLink);
  }

  phones(query: Query = {}): Promise<ListOf<Phone>> {
    return this.list('/devices', query);
  }

  /** What could not be taken in and was kept, newest first. */
  kept(query: Query = {}): Promise<ListOf<Stored>> {
    return this.list('/sync/kept', query);
  }

  settleKept(id: Id, note: string): Promise<{ id: Id }> {
    return this.client.json({ method: 'POST', path: `${ROOT}/sync/kept/${id}/settle`, body: { note } }, isSettled);
  }

  /** What has waited for more than a day for what it builds on. */
  held(query: Query = {}): Promise<ListOf<Stored>> {
    return this.list('/sync/held', query);
  }

  enrolmentCode(user: Id): Promise<SentLink> {
    return this.client.json({ method: 'POST', path: `${ROOT}/devices/codes`, body: { user_id: user } }, isLink);
  }

  switchOff(phone: Id): Promise<Phone> {
    return this.client.json({ method: 'POST', path: `${ROOT}/devices/${phone}/revoke`, body: {} }, isPhone);
  }

  heldBack(query: Query): Promise<HeldList> {
    return this.list('/quarantine', query);
  }

  release(report: Id): Promise<{ report_id: Id }> {
    return this.client.json({ method: 'POST', path: `${ROOT}/quarantine/${report}/release`, body: {} }, isOfReport);
  }

  refuse(report: Id, reason: string): Promise<{ report_id: Id }> {
    return this.client.json({ method: 'POST', path: `${ROOT}/quarantine/${report}/refuse`, body: { reason } }, isOfReport);
  }

  contact(report: Id): Promise<ReporterContact> {
    return this.client.json({ method: 'GET', path: `${ROOT}/reports/${report}/contact` }, isContact);
  }

  overview(query: { from?: string; to?: string; by: Grouping }): Promise<Overview> {
    return this.client.json({ method: 'GET', path: withQuery(`${ROOT}/insight/overview`, query) }, isOverview);
  }

  private list<T extends { items: unknown[] }>(path: string, query: Query = {}): Promise<T> {
    return this.client.json({ method: 'GET', path: withQuery(ROOT + path, query) }, (body): body is T => hasItems(body));
  }

  private change(path: string, rev: number | null, body: object): Promise<DeskCase> {
    const headers = rev === null ? {} : against(rev);
    return this.client.json({ method: 'POST', path: `${ROOT}/cases/${path}`, headers, body }, isWhole);
  }
}
