/** Field work by crew and age. */
import { hazardNames, jobVerb, outcomeWords } from '../../parts/words/names';
import { counted, exactTime } from '../../parts/words/said';
import { withQuery } from '../../wire/desk-api';
import type { CrewLoad, DeskJobRow, JobList } from '../../wire/desk-types';
import type { Choice } from '../../parts/choices';
import { address, goTo, to } from '../address';
import { useDesk } from '../desk';
import { usePaged } from '../load';
import { SelectField } from '../parts/fields';
import { More } from '../parts/more';
import { Page } from '../parts/page';
import { Shown } from '../parts/states';
import { Time } from '../parts/time';
import { withAnswer } from '../queue/filters';

const states: readonly Choice[] = [
  { code: '', name: 'Open' },
  { code: 'done', name: 'Done' },
  { code: 'all', name: 'All' },
];

const ages: readonly Choice[] = [
  { code: '', name: 'Any age' },
  { code: '1', name: 'Older than a day' },
  { code: '3', name: 'Older than 3 days' },
  { code: '7', name: 'Older than a week' },
];

export function JobsScreen() {
  const desk = useDesk();
  const { query } = address.value;
  const loaded = usePaged(withQuery('jobs', query), (page) => desk.api.jobs({ state: 'open', ...query, ...page }));
  const answer = (name: string) => (value: string) => goTo(['jobs'], withAnswer(query, name, value));
  return (
    <Page title="Jobs">
      <form class="filter-fields" aria-label="Which jobs" onSubmit={(event) => event.preventDefault()}>
        <SelectField label="State" value={query.state ?? ''} choices={states} onValue={answer('state')} />
        <SelectField label="Age" value={query.older_than_days ?? ''} choices={ages} onValue={answer('older_than_days')} />
      </form>
      <Shown loaded={loaded}>{(list) => <Jobs list={list} />}</Shown>
      <More list={loaded} />
    </Page>
  );
}

function Jobs({ list: { items, crews } }: { readonly list: JobList }) {
  const { query } = address.value;
  return (
    <>
      {crews.length === 0 ? null : <Crews crews={crews} />}
      {query.crew_id === undefined ? null : (
        <p>
          <a class="touch" href={to(['jobs'], withAnswer(query, 'crew_id', ''))}>
            Show every crew’s jobs
          </a>
        </p>
      )}
      {items.length === 0 ? <p class="soft">No job fits. Jobs are given on a case’s page.</p> : null}
      <ul class="rows">
        {items.map((job) => (
          <Job key={job.id} job={job} />
        ))}
      </ul>
    </>
  );
}

function Crews({ crews }: { readonly crews: readonly CrewLoad[] }) {
  const { query } = address.value;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Open jobs by crew">
      <table class="figures-table">
        <caption>Open jobs by crew</caption>
        <thead>
          <tr>
            <th scope="col">Crew</th>
            <th scope="col">Open</th>
            <th scope="col">Late</th>
            <th scope="col">Oldest given</th>
          </tr>
        </thead>
        <tbody>
          {crews.map(({ id, name, open, late, oldest_given_at }) => (
            <tr key={id ?? ''}>
              <th scope="row">
                {id === null ? (
                  name
                ) : (
                  <a class="touch" href={to(['jobs'], withAnswer(query, 'crew_id', id))}>
                    {name}
                  </a>
                )}
              </th>
              <td class="number">{open}</td>
              <td class={late > 0 ? 'number amber' : 'number'}>{late}</td>
              <td>{oldest_given_at === null ? '–' : <Time at={oldest_given_at} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Job({ job }: { readonly job: DeskJobRow }) {
  const reference = useDesk().reference.value;
  const hazards = hazardNames(reference, job.case.hazards);
  return (
    <li class="row-item">
      <p>
        <a class="touch" href={to(['cases', job.case.id])}>
          {jobVerb[job.kind]}: {job.case.label ?? 'Place not named yet'}
        </a>
      </p>
      <p class="case-under">
        <span class="figures">{job.case.reference}</span>
        <span>{job.crew === null ? 'any crew' : job.crew.name}</span>
        <span>
          given <Time at={job.given_at} />
        </span>
        {job.due_at === null ? null : <span>due {exactTime(job.due_at)}</span>}
        {job.state === 'open' && job.age_days > 0 ? <span>{counted(job.age_days, 'day')} old</span> : null}
        {job.result === null ? null : <span>{outcomeWords(job.kind, job.result)}</span>}
      </p>
      {job.late ? <p class="amber">Late: it was due {exactTime(job.due_at ?? job.given_at)}</p> : null}
      {hazards === '' ? null : <p class="red">Hazard: {hazards}</p>}
      {job.text === '' ? null : <blockquote>{job.text}</blockquote>}
    </li>
  );
}
