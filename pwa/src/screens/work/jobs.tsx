/** Field work given to this crew, nearest first. */
import type { JobView } from '../../outbox/types';
import type { Reference } from '../../wire/types';
import { useApp } from '../app';
import { nearestFirst, type Placed } from '../near';
import { AsOf, Empty } from '../parts/as-of';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Row } from '../parts/rows';
import { href } from '../../parts/route';
import { hazardNames, jobVerb, outcomeWords } from '../../parts/words/names';
import { saidTime } from '../../parts/words/said';

/** "Clear · Oldbury Road", with the case, the distance and what is dangerous there. */
export function jobRow(job: Placed<JobView>, reference: Reference | null, under: readonly string[] = []) {
  return (
    <Row
      key={job.id}
      to={href('job', job.id)}
      name={`${jobVerb[job.kind]} · ${job.label ?? 'place not named yet'}`}
      under={[job.case_reference, ...under]}
      metres={job.metres}
      danger={hazardNames(reference, job.hazards)}
    />
  );
}

export function JobsScreen() {
  const { outbox, now } = useApp();
  const reference = outbox.data.reference.value;
  const jobs = nearestFirst(outbox.data.jobs.value, useHere());
  const open = jobs.filter(({ mine }) => mine === null);
  const done = jobs.filter(({ mine }) => mine !== null);
  return (
    <Screen title="My jobs">
      <AsOf />
      {open.length === 0 ? <Empty>No job is waiting for you.</Empty> : null}
      <ul class="list">
        {open.map((job) => jobRow(job, reference, job.due_at === null ? [] : [`due ${saidTime(job.due_at, now.value)}`]))}
      </ul>
      {done.length === 0 ? null : (
        <section class="part" aria-labelledby="done-here">
          <h2 id="done-here">You have done these</h2>
          <ul class="list">
            {done.map((job) =>
              jobRow(job, reference, job.mine === null ? [] : [outcomeWords(job.kind, job.mine.result), job.mine.words]),
            )}
          </ul>
        </section>
      )}
    </Screen>
  );
}
