const DAY_MS = 86_400_000;

// As words of one text, which takes fewer bytes than as many texts.
export const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** "Nov" of "November". */
export function shortMonth(month: string): string {
  return month === 'September' ? 'Sept' : month.slice(0, 3);
}

const WEEKDAYS = 'Thursday Friday Saturday Sunday Monday Tuesday Wednesday'.split(' ');

/** What calendar and clock on a wall show: the month from 1, the hour from 0 to 23. */
interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** What this needs of Temporal, which newer browsers have. */
interface Temporal {
  readonly Instant: {
    fromEpochMilliseconds(milliseconds: number): { toZonedDateTimeISO(zone: string): WallTime };
  };
}

/** The first format a browser makes takes a phone some tenths of a second; with Temporal none is needed. */
function wallTime(at: Date | string, zone: string): WallTime {
  const moment = new Date(at);
  const { Temporal } = globalThis as { Temporal?: Temporal };
  return Temporal === undefined
    ? formattedTime(moment, zone)
    : Temporal.Instant.fromEpochMilliseconds(moment.getTime()).toZonedDateTimeISO(zone);
}

/** One for each zone: to use a format takes next to nothing, to make one does not. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const date = { day: 'numeric', month: 'numeric', year: 'numeric' } as const;
  const clock = { hour: 'numeric', minute: 'numeric', hourCycle: 'h23' } as const;
  const format = made.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...date, ...clock });
  made.set(zone, format);
  return format;
}

function formattedTime(moment: Date, zone: string): WallTime {
  const parts = new Map(formatOf(zone).formatToParts(moment).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
}

/** Days since 1970, which began on a Thursday, of a local calendar date. */
function dayNumber({ day, month, year }: WallTime): number {
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

/** Such as `06:42`. */
function clockOf({ hour, minute }: WallTime): string {
  return [hour, minute].map((number) => String(number).padStart(2, '0')).join(':');
}

function monthOf({ month }: WallTime): string {
  return MONTHS[month - 1] ?? '';
}

/** Sorts moments, written as text in UTC, newest first. Compared as a language would, they take a phone far longer. */
export function newestFirst(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? 1 : -1;
}

/** The local calendar date of a moment, such as `2026-11-20`. */
export function localDate(at: Date, zone: string): string {
  return new Date(dayNumber(wallTime(at, zone)) * DAY_MS).toISOString().slice(0, 10);
}

/**
 * The moment at which calendar and clocks of `zone`, an IANA name, show `2026-11-20T06:42`; an invalid date for what is none.
 * Of an hour shown twice it is the second.
 */
export function momentShown(on: string, zone: string): Date {
  const shown = Date.parse(`${on}Z`);
  if (Number.isNaN(shown)) return new Date(Number.NaN);
  // What clocks are ahead by is known for a moment: first for one near enough, then for the one it leads to.
  const near = shown - aheadBy(new Date(shown), zone);
  return new Date(shown - aheadBy(new Date(near), zone));
}

/** Milliseconds by which clocks of `zone` are ahead of UTC at a whole minute. */
function aheadBy(at: Date, zone: string): number {
  const { year, month, day, hour, minute } = wallTime(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute) - at.getTime();
}

/**
 * A time as people say it: "today 06:42", "yesterday 18:05", "3 days ago", then "12 Oct" or "12 Oct 2025".
 * `zone` is an IANA name such as "Europe/London". A time after today is given in full.
 */
export function sayTime(at: Date | string, now: Date, zone: string): string {
  const then = wallTime(at, zone);
  const today = wallTime(now, zone);
  const days = dayNumber(today) - dayNumber(then);
  if (days === 0) return `today ${clockOf(then)}`;
  if (days === 1) return `yesterday ${clockOf(then)}`;
  if (days > 1 && days < 7) return `${days} days ago`;
  const date = `${then.day} ${shortMonth(monthOf(then))}`;
  return then.year === today.year && days > 0 ? date : `${date} ${then.year}`;
}

/** The exact time, for those who ask: "Friday 20 November 2026 at 06:42". */
export function sayExactTime(at: Date | string, zone: string): string {
  const then = wallTime(at, zone);
  const weekday = WEEKDAYS[dayNumber(then) % 7] ?? '';
  return `${weekday} ${then.day} ${monthOf(then)} ${then.year} at ${clockOf(then)}`;
}

/** The age of something in words: "just now", "40 s ago", "5 min ago", "3 h ago". */
export function sayAge(seconds: number): string {
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}
