/** The windows a manager asks for: quarters and years as councils report them, from April, and days of one's own. */
import { officeMidnight, saidDay } from '../../parts/words/said';
import { MONTHS, shortMonth } from '../../shared/time';
import type { Query } from '../../wire/desk-api';

/** `from` and `to` are days, `2026-04-01`, the first and the last of the window; empty where it has no own. */
export interface NamedWindow {
  readonly code: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export const OWN_DAYS = 'own';

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** The first of a month, counted on from January of `year`, and the day `before` it. */
const first = (year: number, month: number): string => day(new Date(Date.UTC(year, month, 1)));
const before = (year: number, month: number): string => day(new Date(Date.UTC(year, month, 0)));

/** "Oct" of 9, and of -3. */
const monthName = (month: number): string => shortMonth(MONTHS[(month + 12) % 12] ?? '');

/** The windows there are on a day. Their names are short: the days themselves are said beneath. */
export function windowsOn(today: string): readonly NamedWindow[] {
  const [year = 0, number = 0] = today.split('-').map(Number);
  const month = number - 1;
  const quarter = month - (month % 3);
  const april = month < 3 ? year - 1 : year;
  return [
    { code: '', name: 'The last twelve months', from: '', to: '' },
    { code: 'quarter', name: `This quarter, from ${monthName(quarter)}`, from: first(year, quarter), to: '' },
    { code: 'last-quarter', name: `Last quarter, ${monthName(quarter - 3)} to ${monthName(quarter - 1)}`, from: first(year, quarter - 3), to: before(year, quarter) },
    { code: 'year', name: 'This financial year', from: first(april, 3), to: '' },
    { code: 'last-year', name: 'Last financial year', from: first(april - 1, 3), to: before(april, 3) },
    { code: 'five-years', name: `Five years, from Apr ${april - 4}`, from: first(april - 4, 3), to: '' },
    { code: OWN_DAYS, name: 'Days of my own…', from: '', to: '' },
  ];
}

/** Which of them an address asks for. */
export function chosenWindow({ from = '', to = '' }: Query, windows: readonly NamedWindow[]): string {
  return windows.find((window) => window.from === from && window.to === to)?.code ?? OWN_DAYS;
}

/** What the server is asked: the moments a window's first day begins and its last one ends in the council's offices. */
export function askedMoments({ from = '', to = '' }: Query): Query {
  return { from: officeMidnight(from)?.toISOString() ?? '', to: officeMidnight(to, 1)?.toISOString() ?? '' };
}

/** "1 Apr 2026 to 30 Jun 2026": the last day is the one with the window's last moment in it. */
export function saidWhole({ from, to }: { readonly from: string; readonly to: string }): string {
  return `${saidDay(from)} to ${saidDay(new Date(Date.parse(to) - 1).toISOString())}`;
}
