/** Field work on the case, and what came of it. */
import { jobVerb, outcomeWords } from '../../parts/words/names';
import { exactTime } from '../../parts/words/said';
import type { DeskCase, DeskJob } from '../../wire/desk-types';
import { Time } from '../parts/time';
import { flagWords } from '../words';
import { Photo } from './photos';

export function JobsPart({ known }: { readonly known: DeskCase }) {
  return (
    <section class="part" aria-labelledby="jobs">
      <h2 id="jobs">Jobs</h2>
      {known.jobs.length === 0 ? <p class="soft">No crew has been given a job here.</p> : null}
      {known.jobs.map((job) => (
        <Job key={job.id} job={job} />
      ))}
    </section>
  );
}

function Job({ job }: { readonly job: DeskJob }) {
  return (
    <article class="entry" aria-label={`Job: ${jobVerb[job.kind]}`}>
      <h3>
        {jobVerb[job.kind]} <span class="soft">for {job.crew_name ?? 'any crew'}</span>
      </h3>
      <p class="soft">
        Given <Time at={job.given_at} />
        {job.due_at === null ? null : `, due ${exactTime(job.due_at)}`}
        {job.results.length === 0 ? '. No result yet.' : '.'}
      </p>
      {job.text === '' ? null : <blockquote>{job.text}</blockquote>}
      {job.results.map(({ result, reason, flags, received_at }) => (
        <p key={received_at}>
          <strong>{outcomeWords(job.kind, result)}</strong>, <Time at={received_at} />
          {reason === null || reason === '' ? '' : `: ${reason}`}
          {flags.map((flag) => (
            <span key={flag} class="amber">
              {' '}
              {flagWords(flag)}.
            </span>
          ))}
        </p>
      ))}
      {job.photos.length === 0 ? null : (
        <div class="photos">
          {job.photos.map((photo) => (
            <Photo key={photo.id} photo={photo} name="Photo taken on the job" />
          ))}
        </div>
      )}
    </article>
  );
}
