/** Which hotspots: kind, window and threshold, kept in the address and sent as they stand to the server. */
import type { Choice } from '../../parts/choices';
import { exactTime, officeDay, officeMidnight, saidDay } from '../../parts/words/said';
import type { Query } from '../../wire/desk-api';
import type { HotspotRun, Window } from '../../wire/figures-types';
import type { PlacesMap } from '../../wire/types';

export const windowChoices: readonly Choice[] = [
  { code: '', name: 'As the nightly list' },
  { code: '30', name: '30 days' },
  { code: '90', name: '90 days' },
  { code: '180', name: '180 days' },
  { code: '365', name: 'A year' },
  { code: '730', name: 'Two years' },
];

export const leastChoices: readonly Choice[] = ['2', '3', '5', '10'].map((code) => ({ code, name: `${code} cases` }));

export const hotspotKinds: readonly Choice[] = [
  { code: '', name: 'Fly-tips' },
  { code: 'incident', name: 'Incidents' },
];

/** The areas a list can be of, in the order they are asked for. */
export const listAreas = ['ward', 'parish', 'beat'] as const;
export type ListArea = (typeof listAreas)[number];

/** The council's areas of a kind by name; none where it has none. */
export function areaChoices(map: PlacesMap | null, kind: ListArea): readonly Choice[] {
  const names = (map?.features ?? []).filter(({ properties }) => properties.kind === kind).map(({ properties }) => properties.name);
  const sorted = [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en-GB'));
  return sorted.length === 0 ? [] : [{ code: '', name: `Any ${kind}` }, ...sorted.map((name) => ({ code: name, name }))];
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 3660;

const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);

/** The first day of the window; empty for the nightly list's own. */
export function firstDay({ window_days: days = '', as_of: last = '' }: Query, now: Date): string {
  if (days === '') return '';
  const from = noon(last === '' ? officeDay(now) : last) - Number(days) * DAY_MS;
  return Number.isNaN(from) ? '' : new Date(from).toISOString().slice(0, 10);
}

/** How many days a window has that begins on `first`; empty for no window of one's own. */
export function daysFrom(first: string, { as_of: last = '' }: Query, now: Date): string {
  const days = Math.round((noon(last === '' ? officeDay(now) : last) - noon(first)) / DAY_MS);
  return first === '' || Number.isNaN(days) ? '' : String(Math.min(LONGEST_DAYS, Math.max(1, days)));
}

/** A day of the calendar as the last second of it in the council's offices; the wire takes moments. */
export function asMoment(day: string): string {
  const next = officeMidnight(day, 1);
  return next === null ? '' : new Date(next.getTime() - 1_000).toISOString();
}

/** The address's question as the server takes it. */
export function hotspotQuestion({ as_of: day = '', ...rest }: Query): Query {
  return day === '' ? rest : { ...rest, as_of: asMoment(day) };
}

/** Which window, moment and areas a list of places goes with. */
export function saidRun(run: HotspotRun, within: readonly { readonly name: string }[] = []): string {
  const areas = within.length === 0 ? '' : ` Places in ${within.map(({ name }) => name).join(' and ')}; each keeps its rank in the whole council.`;
  const how = run.stored === false ? 'Worked out for this question' : 'The nightly list';
  return `${how}: ${run.window_days} days up to ${exactTime(run.as_of)}, from ${run.min} cases within ${run.radius_m} m.${areas}`;
}

export function saidWindow({ from, to }: Window): string {
  return `${saidDay(from)} to ${saidDay(to)}`;
}
