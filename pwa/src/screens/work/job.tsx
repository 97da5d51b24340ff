/** One job, whole without signal: where, what, how to get there, and the three ways it can end. */
import type { ResultDraft } from '../../capture/types';
import type { JobView } from '../../outbox/types';
import type { JobOutcome } from '../../wire/types';
import { sayDistance } from '../../shared/distance';
import { WORDS } from '../../shared/words';
import { graceIsOver, useApp } from '../app';
import { metresTo } from '../near';
import { CouncilPhoto } from '../parts/council-photo';
import { Danger } from '../parts/danger';
import { Facts } from '../../parts/facts';
import { Fold } from '../../parts/fold';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Icon } from '../../parts/icons';
import { Navigate } from '../parts/navigate';
import { MyNotes } from '../parts/my-notes';
import { NoteForm } from '../parts/note-form';
import { Said } from '../../parts/said';
import { go, href } from '../../parts/route';
import { doneWords, hazardNames, jobVerb, outcomeWords } from '../../parts/words/names';
import { counted, exactTime, saidTime } from '../../parts/words/said';
import { beginResult, useResult } from './result-draft';

export function JobScreen({ id }: { readonly id: string }) {
  const { outbox } = useApp();
  const job = outbox.data.jobs.value.find((known) => known.id === id);
  const draft = useResult(id) ?? null;
  if (job === undefined) {
    return (
      <Screen title="No longer your job">
        <p>The council has taken this job off your list. What you saved for it is still sent.</p>
        <Unsaved draft={draft} />
        <a class="button" href={href('jobs')}>
          My jobs
        </a>
      </Screen>
    );
  }
  return <OneJob job={job} draft={draft} />;
}

function OneJob({ job, draft }: { readonly job: JobView; readonly draft: ResultDraft | null }) {
  const { outbox } = useApp();
  const hazards = hazardNames(outbox.data.reference.value, job.hazards);
  const metres = metresTo(job, useHere());
  return (
    <Screen
      title={jobVerb[job.kind]}
      foot={job.mine === null && draft !== null ? <Endings job={job} draft={draft} /> : undefined}
    >
      <p class="lead">{job.label ?? 'Place not named yet'}</p>
      {hazards === '' ? null : <Danger hazards={hazards} />}
      {job.mine === null ? <Unsaved draft={draft} /> : <Mine job={job} mine={job.mine} />}
      {job.text === null || job.text === '' ? null : <p>{job.text}</p>}
      <Facts
        facts={[
          ['Case', job.case_reference],
          ['Due', job.due_at === null ? null : exactTime(job.due_at)],
          ['Given', exactTime(job.given_at)],
          ['From you', metres === null ? null : sayDistance(metres)],
        ]}
      />
      {job.thumb_photo_id === null ? null : (
        <CouncilPhoto id={job.thumb_photo_id} variant="large" name="Photo of what was reported" />
      )}
      <Navigate lat={job.lat} lon={job.lon} name={job.label} />
      <MyNotes notes={job.notes} />
      <Fold title="Write a note">
        <NoteForm target={{ job: job.id }} />
      </Fold>
    </Screen>
  );
}

function Mine({ job, mine }: { readonly job: JobView; readonly mine: NonNullable<JobView['mine']> }) {
  const { now } = useApp();
  return (
    <Said tone="good" title={outcomeWords(job.kind, mine.result)}>
      <p>
        {mine.words}, {saidTime(mine.savedAt, now.value)}
      </p>
    </Said>
  );
}

/** A result whose page was killed or left before it was saved. */
function Unsaved({ draft }: { readonly draft: ResultDraft | null }) {
  const { result } = useApp();
  if (draft?.touched.value !== true) return null;
  const { about, result: outcome } = draft.fields.value;
  const throwAway = (): void => {
    void draft.discard();
    result.value = null;
  };
  return (
    <Said tone="care" title={`${WORDS.draft}, not saved: ${outcomeWords(about.kind, outcome)}`}>
      <p>{counted(draft.photos.value.length, 'photo')}</p>
      <div class="row">
        <a class="button slim" href={href('job', draft.job, outcome)}>
          Carry on
        </a>
        <button type="button" class="button slim" onClick={throwAway}>
          Throw away
        </button>
      </div>
    </Said>
  );
}

function Endings({ job, draft }: { readonly job: JobView; readonly draft: ResultDraft }) {
  const app = useApp();
  const begin = (result: JobOutcome) => (): void => {
    if (graceIsOver(app)) {
      go('sign-in');
      return;
    }
    beginResult(app, draft, result);
    go('job', job.id, result);
  };
  return (
    <>
      <div class="row">
        <button type="button" class="button" onClick={begin('not_there')}>
          Not there
        </button>
        <button type="button" class="button" onClick={begin('cannot')}>
          Can’t: why
        </button>
      </div>
      <button type="button" class="button main" onClick={begin('done')}>
        <Icon name="camera" />
        {doneWords[job.kind]}
      </button>
    </>
  );
}
