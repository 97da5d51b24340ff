/** Which hotspots: kind, window and threshold, kept in the address and sent as they stand to the server. */
import type { Choice } from '../../parts/choices';
import { exactTime, saidDay } from '../../parts/words/said';
import type { Query } from '../../wire/desk-api';
import type { HotspotRun, Window } from '../../wire/figures-types';

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

/** A day of the calendar as the moment that day ends in the office's zone; the wire takes moments. */
export function asMoment(day: string): string {
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? '' : end.toISOString();
}

/** The address's question as the server takes it. */
export function hotspotQuestion({ as_of: day = '', ...rest }: Query): Query {
  return day === '' ? rest : { ...rest, as_of: asMoment(day) };
}

/** Which window and moment a list of places goes with. */
export function saidRun(run: HotspotRun): string {
  const how = run.stored === false ? 'Worked out for this question' : 'The nightly list';
  return `${how}: ${run.window_days} days up to ${exactTime(run.as_of)}, from ${run.min} cases within ${run.radius_m} m.`;
}

export function saidWindow({ from, to }: Window): string {
  return `${saidDay(from)} to ${saidDay(to)}`;
}
