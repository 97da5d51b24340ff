/** What the list of cases is asked for: kept in the address, sent as it stands to the server. */
import type { Choice } from '../../parts/choices';
import { exactTime, saidDay } from '../../parts/words/said';
import type { Query } from '../../wire/desk-api';
import { sourceName } from '../words';

/** In an address `state=any` stands for no state at all: a bare address means the queue. */
const ANY = 'any';

export const stateTabs = [
  { code: 'new', name: 'To review' },
  { code: 'accepted', name: 'Accepted' },
  { code: 'closed', name: 'Closed' },
  { code: ANY, name: 'All' },
] as const;

/** What the server is asked: the address's question, with the queue as what a bare address means. */
export function asked(query: Query): Query {
  const { state = 'new', ...rest } = query;
  return state === ANY ? rest : { state, ...rest };
}

export function stateOf(query: Query): string {
  return query.state ?? 'new';
}

/** The address with one answer changed; an empty value takes it out. */
export function withAnswer(query: Query, name: string, value: string): Query {
  const rest = Object.entries(query).filter(([other]) => other !== name);
  return Object.fromEntries(value === '' ? rest : [...rest, [name, value]]);
}

export const kindChoices: readonly Choice[] = [
  { code: '', name: 'Any kind' },
  { code: 'fly_tip', name: 'Fly-tips' },
  { code: 'incident', name: 'Incidents' },
];

export const ageChoices: readonly Choice[] = [
  { code: '', name: 'Any age' },
  { code: '1', name: 'Older than a day' },
  { code: '3', name: 'Older than 3 days' },
  { code: '7', name: 'Older than a week' },
  { code: '28', name: 'Older than 4 weeks' },
];

export const sortChoices: readonly Choice[] = [
  { code: '', name: 'As the list asks' },
  { code: 'need', name: 'Most in need first' },
  { code: 'newest', name: 'Newest first' },
  { code: 'oldest', name: 'Oldest first' },
];

/** Answers with a control of their own in the filter form. */
const inForm = ['kind', 'hazard', 'ward', 'witness', 'repeat', 'older_than_days', 'sort'];
const elsewhere = ['q', 'state'];

const sayings: Readonly<Record<string, (value: string) => string>> = {
  opened_from: (at) => `opened from ${saidDay(at)}`,
  opened_to: (at) => `opened before ${exactTime(at)}`,
  closed_from: (at) => `closed from ${saidDay(at)}`,
  closed_to: (at) => `closed before ${exactTime(at)}`,
  source: (code) => `from ${sourceName(code)}`,
};

export interface Carried {
  readonly name: string;
  readonly words: string;
}

/** Answers that came with a link, from the overview say, and have no control: told in words, each can be taken away. */
export function carried(query: Query): readonly Carried[] {
  return Object.entries(query)
    .filter(([name, value]) => value !== '' && ![...inForm, ...elsewhere].includes(name))
    .map(([name, value]) => {
      const say = sayings[name];
      return { name, words: say?.(value) ?? `${name.replaceAll('_', ' ')}: ${value.replaceAll('_', ' ')}` };
    });
}

export function filtersInUse(query: Query): number {
  return Object.keys(query).filter((name) => name !== 'sort' && inForm.includes(name)).length;
}
