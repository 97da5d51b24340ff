/** How a job ended: done with a photo, not there, or cannot be done and why. Works without signal. */
import { useState } from 'preact/hooks';
import type { JobView } from '../../outbox/types';
import type { JobOutcome } from '../../wire/types';
import { WORDS } from '../../shared/words';
import { useApp } from '../app';
import { Chips } from '../../parts/choices';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Icon } from '../../parts/icons';
import { LongText } from '../../parts/long-text';
import { PhotoButtons } from '../parts/photo-buttons';
import { Said } from '../../parts/said';
import { back } from '../../parts/route';
import { arrived } from '../taking';
import { plainError } from '../words/errors';
import { doneWords, outcomeWords } from '../../parts/words/names';
import { addResultPhotos, forgetResult, resultDraft } from './result-draft';

const reasons = [
  'Locked gate or no way in',
  'Needs more people or other kit',
  'Too dangerous',
  'A vehicle is in the way',
  'Not council land',
].map((name) => ({ code: name, name }));

export function ResultScreen({ job, outcome }: { readonly job: JobView; readonly outcome: JobOutcome }) {
  const { outbox, said } = useApp();
  const here = useHere();
  const [reason, setReason] = useState<readonly string[]>([]);
  const [text, setText] = useState('');
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const why = [...reason, text.trim()].filter((part) => part !== '').join('. ');
  const save = async (): Promise<void> => {
    if (saving) return;
    if (outcome === 'cannot' && why === '') {
      setProblem('Say why, so that the council can send the right people.');
      return;
    }
    setSaving(true);
    try {
      await arrived();
      const photos = resultDraft.value.photos.map(({ photo }) => photo);
      await outbox.saveJobResult(job.id, {
        result: outcome,
        photos,
        ...(why === '' ? {} : { reason: why }),
        ...(here === null ? {} : { position: here }),
      });
      said.value = `${outcomeWords(job.kind, outcome)}. ${WORDS.saved}.`;
      forgetResult();
      back();
    } catch (error) {
      setProblem(plainError(error));
    } finally {
      setSaving(false);
    }
  };
  return (
    <Screen
      title={outcomeWords(job.kind, outcome)}
      foot={<SaveResult words={saveWords(job, outcome)} saving={saving} problem={problem} onSave={save} />}
    >
      <p class="lead">{job.label ?? 'Place not named yet'}</p>
      <ResultPhotos after={outcome === 'done'} />
      {outcome === 'cannot' ? <Chips legend="Why?" choices={reasons} chosen={reason} onChange={setReason} /> : null}
      <LongText
        label={outcome === 'cannot' ? 'In your words' : 'Anything to add?'}
        value={text}
        onValue={setText}
      />
    </Screen>
  );
}

function saveWords(job: JobView, outcome: JobOutcome): string {
  if (outcome === 'done') return `Save: ${doneWords[job.kind].toLowerCase()}`;
  return outcome === 'not_there' ? 'Save: not there' : 'Save: can’t do it';
}

interface SaveResultProps {
  readonly words: string;
  readonly saving: boolean;
  readonly problem: string | null;
  readonly onSave: () => Promise<void>;
}

function SaveResult({ words, saving, problem, onSave }: SaveResultProps) {
  return (
    <>
      {problem === null ? null : (
        <p class="red" role="alert">
          <strong>{problem}</strong>
        </p>
      )}
      <button type="button" class="button main" aria-disabled={saving} onClick={() => void onSave()}>
        <Icon name="save" />
        {saving ? 'Saving…' : words}
      </button>
    </>
  );
}

function ResultPhotos({ after }: { readonly after: boolean }) {
  const app = useApp();
  const { photos, messages } = resultDraft.value;
  return (
    <section class="part" aria-label="Photos">
      {photos.length === 0 && after ? <p>Show how it looks now: take a photo.</p> : null}
      <ul class="thumbs">
        {photos.map(({ photo, url }, index) => (
          <li key={photo.id} class="thumb">
            {url === null ? (
              <span class="blank">No preview. It is sent all the same.</span>
            ) : (
              <img src={url} alt={`Photo ${index + 1}`} />
            )}
          </li>
        ))}
      </ul>
      {messages.length === 0 ? null : <Said tone="bad" title={messages.join(' ')} live />}
      <PhotoButtons
        count={photos.length}
        onTake={(from) => app.take(from, (files) => void addResultPhotos(app, files))}
      />
    </section>
  );
}
