/** What was done at a place: the jobs crews came back from, and the cameras and signs that stand near. */
import { jobVerb, outcomeWords } from '../../parts/words/names';
import { saidDay } from '../../parts/words/said';
import { sayDistance } from '../../shared/distance';
import type { HotspotPlace, TakenNear } from '../../wire/figures-types';
import { to } from '../address';
import { Time } from '../parts/time';
import { measureNames } from './did-it-work';

export function Done({ place: { done } }: { readonly place: HotspotPlace }) {
  return (
    <section class="part" aria-labelledby="done">
      <h2 id="done">What was done here</h2>
      {done.length === 0 ? <p class="soft">No job has a result here yet.</p> : null}
      <ul class="links">
        {done.map(({ job_id, kind, result, at, case_id, case_reference }) => (
          <li key={`${job_id} ${at}`}>
            {jobVerb[kind]}: {outcomeWords(kind, result).toLowerCase()}
            <span class="soft">
              <Time at={at} />, case{' '}
              <CaseLink id={case_id} reference={case_reference} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Measures({ measures }: { readonly measures: readonly TakenNear[] }) {
  if (measures.length === 0) return null;
  return (
    <section class="part" aria-labelledby="measures">
      <h2 id="measures">Cameras and signs near it</h2>
      <ul class="links">
        {measures.map(({ job_id, kind, since, distance_m, inside, case_id, case_reference }) => (
          <li key={job_id}>
            {measureNames[kind]}, since {saidDay(since)}
            <span class="soft">
              {inside ? 'Here' : 'Outside this place'}: {sayDistance(distance_m)} from its middle, case{' '}
              <CaseLink id={case_id} reference={case_reference} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function CaseLink({ id, reference }: { readonly id: string; readonly reference: string }) {
  return (
    <a class="figures" href={to(['cases', id])}>
      {reference}
    </a>
  );
}
