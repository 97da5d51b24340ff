/** A note on a job or a case: saved on the phone first, like everything. */
import { useState } from 'preact/hooks';
import type { NoteTarget } from '../../outbox/types';
import { WORDS } from '../../shared/words';
import { useApp } from '../app';
import { plainError } from '../words/errors';
import { LongText } from '../../parts/long-text';
import { Said } from '../../parts/said';

type Outcome = { tone: 'good' | 'bad'; words: string } | null;

export function NoteForm({ target }: { readonly target: NoteTarget }) {
  const { outbox } = useApp();
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<Outcome>(null);
  const [saving, setSaving] = useState(false);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (saving) return;
    if (text.trim() === '') {
      setOutcome({ tone: 'bad', words: 'Write the note first.' });
      return;
    }
    setSaving(true);
    try {
      await outbox.saveNote(target, text.trim());
      setText('');
      setOutcome({ tone: 'good', words: WORDS.saved });
    } catch (error) {
      setOutcome({ tone: 'bad', words: plainError(error) });
    } finally {
      setSaving(false);
    }
  };
  return (
    <form class="part" onSubmit={(event) => void save(event)} noValidate>
      <LongText label="Note" value={text} onValue={setText} />
      {outcome === null ? null : <Said tone={outcome.tone} title={outcome.words} live />}
      <button type="submit" class="button" aria-disabled={saving}>
        {saving ? 'Saving…' : 'Save note'}
      </button>
    </form>
  );
}
