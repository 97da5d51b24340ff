import { useState } from 'preact/hooks';
import type { DeskCase } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { useChange } from '../load';
import { AreaField } from '../parts/fields';
import { Failed } from '../parts/states';
import { Time } from '../parts/time';
import type { OpenCase } from './use-case';

interface NotesPartProps {
  readonly known: DeskCase;
  readonly open: OpenCase;
  readonly onChanged: (known: DeskCase, gone: readonly string[]) => void;
}

export function NotesPart({ known, open, onChanged }: NotesPartProps) {
  const desk = useDesk();
  const [text, setText] = useState('');
  const [wanting, setWanting] = useState<string | undefined>(undefined);
  // A change of its own: a failed note must not show as if a decision had failed.
  const { busy, failure, run } = useChange();
  const save = (event: Event): void => {
    event.preventDefault();
    setWanting(text.trim() === '' ? 'Write the note first' : undefined);
    if (text.trim() === '') return;
    void run(
      () => desk.api.note(known.id, text.trim()),
      (after) => {
        setText('');
        desk.said.value = 'Note saved';
        open.whole.put(after);
        onChanged(after, []);
      },
    );
  };
  return (
    <section class="part" aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      {known.notes.map((note) => (
        <article key={note.id} class="entry">
          <blockquote>{note.text}</blockquote>
          <p class="soft">
            <Time at={note.at} />
          </p>
        </article>
      ))}
      <form class="stack" onSubmit={save} noValidate>
        {failure === null ? null : <Failed failure={failure} />}
        <AreaField label="Write a note" value={text} onValue={setText} problem={wanting} />
        <div class="actions">
          <button type="submit" class="button slim" aria-disabled={busy}>
            {busy ? 'Saving…' : 'Save note'}
          </button>
        </div>
      </form>
    </section>
  );
}
