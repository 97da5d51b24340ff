const DAY_MS = 86_400_000;

interface LocalParts {
  /** Days since 1970 of the local calendar date. */
  day: number;
  clock: string;
}

function localParts(at: Date, zone: string): LocalParts {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  return {
    day: Date.UTC(Number(part('year')), Number(part('month')) - 1, Number(part('day'))) / DAY_MS,
    clock: `${part('hour')}:${part('minute')}`,
  };
}

/**
 * A time as people say it: "today 06:42", "yesterday 18:05", "3 days ago", then "12 Oct" or "12 Oct 2025".
 * `zone` is an IANA name such as "Europe/London". A time after today is given in full.
 */
export function sayTime(at: Date | string, now: Date, zone: string): string {
  const when = new Date(at);
  const then = localParts(when, zone);
  const days = localParts(now, zone).day - then.day;
  if (days === 0) return `today ${then.clock}`;
  if (days === 1) return `yesterday ${then.clock}`;
  if (days > 1 && days < 7) return `${days} days ago`;
  const sameYear = when.getUTCFullYear() === now.getUTCFullYear();
  return when.toLocaleDateString('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    ...(sameYear && days > 0 ? {} : { year: 'numeric' }),
  });
}

/** The exact time, for those who ask: "Friday 20 November 2026 at 06:42". */
export function sayExactTime(at: Date | string, zone: string): string {
  const said = new Date(at).toLocaleString('en-GB', { timeZone: zone, dateStyle: 'full', timeStyle: 'short' });
  // Browsers disagree about a comma after the weekday.
  return said.replace(',', '');
}

/** The age of something in words: "just now", "40 s ago", "5 min ago", "3 h ago". */
export function sayAge(seconds: number): string {
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}
