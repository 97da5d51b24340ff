const DAY_MS = 86_400_000;

export const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] as const;

/** "Nov" of "November". */
export function shortMonth(month: string): string {
  return month === 'September' ? 'Sept' : month.slice(0, 3);
}

interface LocalParts {
  weekday: string;
  day: string;
  month: string;
  year: string;
  clock: string;
}

/** To make a format takes a phone tens of milliseconds, to use it next to nothing: one is made for each zone. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const date = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const format = made.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...date, ...clock });
  made.set(zone, format);
  return format;
}

function localParts(at: Date | string, zone: string): LocalParts {
  const parts = new Map(formatOf(zone).formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  const date = { weekday: part('weekday'), day: part('day'), month: part('month'), year: part('year') };
  return { ...date, clock: `${part('hour')}:${part('minute')}` };
}

/** Days since 1970 of a local calendar date. */
function dayNumber({ day, month, year }: LocalParts): number {
  return Date.UTC(Number(year), MONTHS.findIndex((name) => name === month), Number(day)) / DAY_MS;
}

/** The local calendar date of a moment, such as `2026-11-20`. */
export function localDate(at: Date, zone: string): string {
  return new Date(dayNumber(localParts(at, zone)) * DAY_MS).toISOString().slice(0, 10);
}

/**
 * A time as people say it: "today 06:42", "yesterday 18:05", "3 days ago", then "12 Oct" or "12 Oct 2025".
 * `zone` is an IANA name such as "Europe/London". A time after today is given in full.
 */
export function sayTime(at: Date | string, now: Date, zone: string): string {
  const then = localParts(at, zone);
  const today = localParts(now, zone);
  const days = dayNumber(today) - dayNumber(then);
  if (days === 0) return `today ${then.clock}`;
  if (days === 1) return `yesterday ${then.clock}`;
  if (days > 1 && days < 7) return `${days} days ago`;
  const date = `${then.day} ${shortMonth(then.month)}`;
  return then.year === today.year && days > 0 ? date : `${date} ${then.year}`;
}

/** The exact time, for those who ask: "Friday 20 November 2026 at 06:42". */
export function sayExactTime(at: Date | string, zone: string): string {
  const { weekday, day, month, year, clock } = localParts(at, zone);
  return `${weekday} ${day} ${month} ${year} at ${clock}`;
}

/** The age of something in words: "just now", "40 s ago", "5 min ago", "3 h ago". */
export function sayAge(seconds: number): string {
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}
