/** When a place is hit and with what: small plots, each beside the same in words. */
import type { WasteCount } from '../wire/types';
import { Across, Plot } from './plot';
import { counted, saidMonth } from './words/said';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const twoDigits = (hour: number): string => String(hour).padStart(2, '0');

/** "March 2026 with 5 and May 2026 with 4; none in 3 of 12 months." */
export function saidMonths(months: readonly { month: string; count: number }[]): string {
  const most = Math.max(0, ...months.map(({ count }) => count));
  if (most === 0) return 'None in these months.';
  const busiest = months.filter(({ count }) => count === most).map(({ month }) => saidMonth(month, 'long'));
  const quiet = months.filter(({ count }) => count === 0).length;
  const named = busiest.length > 3 ? `${busiest.length} months` : busiest.join(', ');
  return `Most in ${named}, ${counted(most, 'case')}${busiest.length > 1 ? ' each' : ''}. None in ${quiet} of ${months.length} months.`;
}

/** The three hours in a row, around the clock, that hold most cases. */
export function saidHours(hours: readonly number[]): string {
  const sum = hours.reduce((total, count) => total + count, 0);
  if (sum === 0) return 'No times are known.';
  const inThree = hours.map((_, hour) => [0, 1, 2].reduce((total, on) => total + (hours[(hour + on) % 24] ?? 0), 0));
  const most = Math.max(...inThree);
  const from = inThree.indexOf(most);
  return `Most between ${twoDigits(from)}:00 and ${twoDigits((from + 3) % 24)}:00: ${most} of ${sum}. These are the times it was seen, not tipped.`;
}

export function saidWeekdays(weekdays: readonly number[]): string {
  const sum = weekdays.reduce((total, count) => total + count, 0);
  const most = Math.max(0, ...weekdays);
  if (most === 0) return 'No days are known.';
  const days = WEEKDAYS.filter((_, day) => weekdays[day] === most).join(', ');
  return `Most on ${days}: ${most} of ${sum}${days.includes(',') ? ' each' : ''}.`;
}

export function MonthPlot({ months }: { readonly months: readonly { month: string; count: number }[] }) {
  const marks = months.map(({ month }, index) => (index % 3 === 0 ? (saidMonth(month).split(' ')[0] ?? '') : ''));
  return (
    <figure class="plot-figure">
      <figcaption>
        <strong>By month.</strong> {saidMonths(months)}
      </figcaption>
      <Plot class="months" values={months.map(({ count }) => count)} marks={marks} />
    </figure>
  );
}

export function HourPlot({ hours }: { readonly hours: readonly number[] }) {
  return (
    <figure class="plot-figure">
      <figcaption>
        <strong>By hour.</strong> {saidHours(hours)}
      </figcaption>
      <Plot class="hours" values={hours} marks={hours.map((_, hour) => (hour % 6 === 0 ? twoDigits(hour) : ''))} />
    </figure>
  );
}

export function WeekdayPlot({ weekdays }: { readonly weekdays: readonly number[] }) {
  return (
    <figure class="plot-figure">
      <figcaption>
        <strong>By day of the week.</strong> {saidWeekdays(weekdays)}
      </figcaption>
      <Plot class="weekdays" values={weekdays} marks={WEEKDAYS.map((day) => day.slice(0, 1))} />
    </figure>
  );
}

export function WasteMix({ waste }: { readonly waste: readonly WasteCount[] }) {
  const sum = Math.max(1, waste.reduce((total, { count }) => total + count, 0));
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="What was left">
      <table class="figures-table">
        <caption>What was left</caption>
        <thead>
          <tr>
            <th scope="col">Waste</th>
            <th scope="col">Cases</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {waste.map(({ code, name, count }) => (
            <tr key={code ?? ''}>
              <th scope="row">{name}</th>
              <td class="number">{count}</td>
              <td>
                <Across share={count / sum} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
