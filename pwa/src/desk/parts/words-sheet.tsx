/** A sheet that asks for a few words, which stay with what they are about, and does something with them. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useChange } from '../load';
import { AreaField } from './fields';
import { Sheet } from './sheet';
import { Failed } from './states';

interface WordsSheetProps {
  readonly title: string;
  readonly label: string;
  /** The name of the words in the council's answer, where it finds fault with them. */
  readonly field: string;
  /** Said when there are none. */
  readonly missing: string;
  readonly button: string;
  readonly doing: string;
  readonly send: (words: string) => Promise<unknown>;
  readonly onSent: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function WordsSheet({ title, label, field, missing, button, doing, send, onSent, onClose, children }: WordsSheetProps) {
  const change = useChange();
  const [words, setWords] = useState('');
  const [wanting, setWanting] = useState<string | undefined>(undefined);
  const submit = (event: Event): void => {
    event.preventDefault();
    const said = words.trim();
    setWanting(said === '' ? missing : undefined);
    if (said === '') return;
    void change.run(() => send(said), onSent);
  };
  const problem = wanting ?? change.failure?.fields[field]?.[0];
  return (
    <Sheet title={title} onClose={onClose}>
      <form class="stack" onSubmit={submit} noValidate>
        {change.failure === null ? null : <Failed failure={change.failure} />}
        {children}
        <AreaField label={label} value={words} onValue={setWords} problem={problem} />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={change.busy}>
            {change.busy ? doing : button}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
