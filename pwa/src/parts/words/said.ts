/** Times as the council's people say them: always the clock on the wall in England. */
import { sayExactTime, sayTime } from '../../shared/time';

const ZONE = 'Europe/London';

export function saidTime(at: string, now: Date): string {
  return sayTime(at, now, ZONE);
}

export function exactTime(at: string): string {
  return sayExactTime(at, ZONE);
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A date without a time, `2026-11-20`: "20 Nov 2026". */
export function saidDay(date: string): string {
  return new Date(`${date.slice(0, 10)}T12:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: ZONE,
  });
}
