/** Mending a job result, a note or an addition that the council could not take. Reports go back to their own form. */
import { useState } from 'preact/hooks';
import type { OutboxItem, Refusal } from '../../outbox/types';
import { back, href, replace } from '../../parts/route';
import { LongText } from '../../parts/long-text';
import { Said } from '../../parts/said';
import { WORDS } from '../../shared/words';
import type { Id } from '../../wire/types';
import { useApp } from '../app';
import { Screen } from '../parts/frame';
import { Icon } from '../../parts/icons';
import { StoredPhoto } from '../parts/stored-photo';
import { plainError } from '../words/errors';
import { WrongParts } from './refused';
import { titleOf } from './titles';

export function MendScreen({ id }: { readonly id: string }) {
  const { outbox } = useApp();
  const item = outbox.items.value.find((known) => known.id === id);
  if (item?.refused === undefined || item.refused === null) {
    return (
      <Screen title="Nothing to mend">
        <p>The council has no trouble with this any more.</p>
        <a class="button" href={href('waiting')}>
          See what is waiting
        </a>
      </Screen>
    );
  }
  return <Mending item={item} refused={item.refused} />;
}

function Mending({ item, refused }: { readonly item: OutboxItem; readonly refused: Refusal }) {
  const { outbox, said } = useApp();
  const [text, setText] = useState(refused.text);
  const [left, setLeft] = useState<readonly Id[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const isNote = refused.type.endsWith('.note');
  const save = async (): Promise<void> => {
    if (saving) return;
    if (isNote && text.trim() === '') {
      setProblem('Write the note first.');
      return;
    }
    setSaving(true);
    try {
      const photoIds = refused.photoIds.filter((photo) => !left.includes(photo));
      await outbox.mend(refused.opId, { text: text.trim(), photoIds });
      said.value = WORDS.saved;
      // The mended thing has another address; what lies behind this screen is gone.
      replace('waiting');
    } catch (error) {
      setProblem(plainError(error));
      setSaving(false);
    }
  };
  return (
    <Screen title="Mend and send again" onBack={back} foot={<SaveFoot saving={saving} problem={problem} onSave={save} />}>
      <p class="lead">{titleOf(item, outbox.data)}</p>
      <Said tone="bad" title={refused.title}>
        <WrongParts refused={refused} />
      </Said>
      <LongText label={item.jobResult === null ? 'Note' : 'Why, or what you found'} value={text} onValue={setText} />
      <Photos ids={refused.photoIds} left={left} onLeft={setLeft} />
    </Screen>
  );
}

interface SaveFootProps {
  readonly saving: boolean;
  readonly problem: string | null;
  readonly onSave: () => Promise<void>;
}

function SaveFoot({ saving, problem, onSave }: SaveFootProps) {
  return (
    <>
      {problem === null ? null : (
        <p class="red" role="alert">
          <strong>{problem}</strong>
        </p>
      )}
      <button type="button" class="button main" aria-disabled={saving} onClick={() => void onSave()}>
        <Icon name="save" />
        {saving ? 'Saving…' : 'Save and send again'}
      </button>
    </>
  );
}

interface PhotosProps {
  readonly ids: readonly Id[];
  readonly left: readonly Id[];
  readonly onLeft: (left: readonly Id[]) => void;
}

function Photos({ ids, left, onLeft }: PhotosProps) {
  if (ids.length === 0) return null;
  const toggle = (id: Id): void => onLeft(left.includes(id) ? left.filter((other) => other !== id) : [...left, id]);
  return (
    <section class="part" aria-labelledby="photos">
      <h2 id="photos">Photos</h2>
      <ul class="part">
        {ids.map((id, index) => (
          <li key={id} class="row">
            <span class="thumb">
              <StoredPhoto id={id} name={`Photo ${index + 1}`} />
            </span>
            <button type="button" class="button slim" aria-pressed={left.includes(id)} onClick={() => toggle(id)}>
              {left.includes(id) ? `Put photo ${index + 1} back` : `Leave photo ${index + 1} out`}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
