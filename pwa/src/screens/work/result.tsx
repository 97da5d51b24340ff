/** How a job ended: done with a photo, not there, or cannot be done and why. Works without signal. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ResultDraft } from '../../capture/types';
import type { JobKind, JobOutcome } from '../../wire/types';
import { WORDS } from '../../shared/words';
import { useApp } from '../app';
import { Chips } from '../../parts/choices';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Icon } from '../../parts/icons';
import { LongText } from '../../parts/long-text';
import { back } from '../../parts/route';
import { PhotoStrip } from '../report/photos';
import { arrived } from '../taking';
import { plainError } from '../words/errors';
import { doneWords, outcomeWords } from '../../parts/words/names';

const reasons = [
  'Locked gate or no way in',
  'Needs more people or other kit',
  'Too dangerous',
  'A vehicle is in the way',
  'Not council land',
].map((name) => ({ code: name, name }));

interface ResultScreenProps {
  readonly outcome: JobOutcome;
  readonly draft: ResultDraft;
}

export function ResultScreen({ outcome, draft }: ResultScreenProps) {
  const app = useApp();
  const here = useHere();
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { about, result, reasons: chosen, text } = draft.fields.value;
  const over = useRef(false);
  useEffect(() => {
    if (result !== outcome) draft.set({ result: outcome });
  }, [result, outcome]);
  useEffect(
    () => () => {
      if (over.current) app.result.value = null;
    },
    [],
  );
  // Leaving keeps what was begun, offered again with the job; an untouched form leaves nothing behind.
  const leave = (): void => {
    over.current = !draft.touched.value;
    void (over.current ? draft.discard() : draft.keep());
    back();
  };
  const save = async (): Promise<void> => {
    if (saving) return;
    if (outcome === 'cannot' && draft.why.value === '') {
      setProblem('Say why, so that the council can send the right people.');
      return;
    }
    setSaving(true);
    try {
      await arrived();
      await draft.save(here);
      app.said.value = `${outcomeWords(about.kind, outcome)}. ${WORDS.saved}.`;
      over.current = true;
      back();
    } catch (error) {
      setProblem(plainError(error));
    } finally {
      setSaving(false);
    }
  };
  return (
    <Screen
      title={outcomeWords(about.kind, outcome)}
      onBack={leave}
      foot={<SaveResult words={saveWords(about.kind, outcome)} saving={saving} problem={problem} onSave={save} />}
    >
      <p class="lead">{about.label ?? 'Place not named yet'}</p>
      {outcome === 'done' && draft.photos.value.length === 0 ? <p>Show how it looks now: take a photo.</p> : null}
      <PhotoStrip draft={draft} />
      {outcome === 'cannot' ? (
        <Chips legend="Why?" choices={reasons} chosen={chosen} onChange={(now) => draft.set({ reasons: [...now] })} />
      ) : null}
      <LongText
        label={outcome === 'cannot' ? 'In your words' : 'Anything to add?'}
        value={text}
        onValue={(now) => draft.set({ text: now })}
      />
    </Screen>
  );
}

function saveWords(kind: JobKind, outcome: JobOutcome): string {
  if (outcome === 'done') return `Save: ${doneWords[kind].toLowerCase()}`;
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
