/** The manager's figures: what came in, what is open, what was cleared and how fast, each leading to its rows. */
import { useState } from 'preact/hooks';
import type { Choice } from '../../parts/choices';
import { exactTime, officeDay, saidNumber } from '../../parts/words/said';
import { withQuery, type Query } from '../../wire/desk-api';
import { GROUPINGS, type Figures, type Grouping, type Measure, type Overview, type OverviewGroup } from '../../wire/figures-types';
import { address, goTo } from '../address';
import { useDesk } from '../desk';
import { useLoaded } from '../load';
import { DateField, SelectField } from '../parts/fields';
import { Page } from '../parts/page';
import { Across, Plot } from '../../parts/plot';
import { Shown } from '../parts/states';
import { withAnswer } from '../queue/filters';
import { askedMoments, chosenWindow, OWN_DAYS, saidWhole, windowsOn } from './windows';

const groupingNames: Readonly<Record<Grouping, string>> = {
  month: 'Month',
  ward: 'Ward',
  kind: 'Kind',
  waste: 'Waste',
  source: 'Source',
};

/** A plot of so many months has the width of one of a year. */
const FEW_MONTHS = 13;

const measureNames: Readonly<Record<Measure, string>> = { received: 'Received', open: 'Still open', cleared: 'Cleared' };

const groupings: readonly Choice[] = GROUPINGS.map((code) => ({ code, name: groupingNames[code] }));
const asGrouping = (code: string | undefined): Grouping => GROUPINGS.find((known) => known === code) ?? 'month';

/** The address of the cases behind a figure: the server's own question, asked for every state unless it names one. */
export function rowsAddress(question: string): string {
  return `#/cases?${question}${/(^|&)state=/.test(question) ? '' : '&state=any'}`;
}

export function saidMedian(days: number | null): string {
  if (days === null) return 'None cleared';
  return `${days.toLocaleString('en-GB', { maximumFractionDigits: 1 })} ${days === 1 ? 'day' : 'days'}`;
}

export function OverviewScreen() {
  const desk = useDesk();
  const { query } = address.value;
  const question = { by: asGrouping(query.by), ...askedMoments(query) };
  const loaded = useLoaded(withQuery('overview', question), () => desk.api.overview(question));
  return (
    <Page title="Overview">
      <Question query={query} />
      <Shown loaded={loaded}>{(overview) => <Shows overview={overview} />}</Shown>
    </Page>
  );
}

function Question({ query }: { readonly query: Query }) {
  const windows = windowsOn(officeDay(useDesk().now.value));
  const [own, setOwn] = useState(false);
  const chosen = own ? OWN_DAYS : chosenWindow(query, windows);
  const answer = (name: string) => (value: string) => goTo(['overview'], withAnswer(query, name, value));
  const choose = (code: string): void => {
    setOwn(code === OWN_DAYS);
    const window = windows.find((each) => each.code === code);
    if (window === undefined || code === OWN_DAYS) return;
    goTo(['overview'], withAnswer(withAnswer(query, 'from', window.from), 'to', window.to));
  };
  return (
    <form class="filter-fields" aria-label="Which figures" onSubmit={(event) => event.preventDefault()}>
      <SelectField label="By" value={asGrouping(query.by)} choices={groupings} onValue={answer('by')} />
      <SelectField label="Cases opened in" value={chosen} choices={windows} onValue={choose} />
      {chosen === OWN_DAYS ? (
        <>
          <DateField label="From" value={query.from ?? ''} onValue={answer('from')} />
          <DateField label="Up to and including" value={query.to ?? ''} onValue={answer('to')} />
        </>
      ) : null}
    </form>
  );
}

function Shows({ overview }: { readonly overview: Overview }) {
  const { window, as_at, totals, groups, by } = overview;
  return (
    <>
      <p class="soft">
        Cases opened {saidWhole(window)}, as at {exactTime(as_at)}.
      </p>
      <dl class="totals">
        {(['received', 'open', 'cleared'] as const).map((measure) => (
          <div key={measure}>
            <dt>{measureNames[measure]}</dt>
            <dd>
              <Figure figures={totals} measure={measure} about="in all" />
            </dd>
          </div>
        ))}
        <div>
          <dt>Median time to clear</dt>
          <dd>{saidMedian(totals.median_days_to_clear)}</dd>
        </div>
      </dl>
      {groups.length === 0 ? <p class="soft">No case was opened in this window.</p> : <Groups groups={groups} by={by} />}
    </>
  );
}

interface FigureProps {
  readonly figures: Figures;
  readonly measure: Measure;
  readonly about: string;
}

function Figure({ figures, measure, about }: FigureProps) {
  const question = figures.rows[measure];
  const count = saidNumber(figures[measure]);
  if (question === undefined) return <>{count}</>;
  return (
    <a class="touch figures" href={rowsAddress(question)}>
      {count}
      <span class="out-of-sight">
        {' '}
        {measureNames[measure].toLowerCase()}, {about}: show the cases
      </span>
    </a>
  );
}

function Groups({ groups, by }: { readonly groups: readonly OverviewGroup[]; readonly by: Grouping }) {
  const [measure, setMeasure] = useState<Measure>('received');
  const most = Math.max(1, ...groups.map((group) => group[measure]));
  const heading = `${measureNames[measure]} by ${groupingNames[by].toLowerCase()}`;
  return (
    <section class="part" aria-labelledby="groups">
      <h2 id="groups">{heading}</h2>
      <div class="filter-fields">
        <SelectField
          label="Show as bars"
          value={measure}
          choices={Object.entries(measureNames).map(([code, name]) => ({ code, name }))}
          onValue={(code) => setMeasure(code === 'open' || code === 'cleared' ? code : 'received')}
        />
      </div>
      {by === 'month' ? (
        <Plot class={groups.length > FEW_MONTHS ? 'hours' : 'months'} values={groups.map((group) => group[measure])} marks={monthMarks(groups)} />
      ) : null}
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="groups">
        <table class="figures-table bars-at-end">
          <thead>
            <tr>
              <th scope="col">{groupingNames[by]}</th>
              <th scope="col">Received</th>
              <th scope="col">Still open</th>
              <th scope="col">Cleared</th>
              <th scope="col">Median to clear</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.key}>
                <th scope="row">{group.label}</th>
                {(['received', 'open', 'cleared'] as const).map((each) => (
                  <td key={each} class="number">
                    <Figure figures={group} measure={each} about={group.label} />
                  </td>
                ))}
                <td class="number">{saidMedian(group.median_days_to_clear)}</td>
                <td>
                  <Across share={group[measure] / most} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function monthMarks(groups: readonly OverviewGroup[]): readonly string[] {
  const every = Math.max(1, Math.ceil(groups.length / 4));
  return groups.map(({ label }, index) => (index % every === 0 ? label.slice(0, 3) : ''));
}
