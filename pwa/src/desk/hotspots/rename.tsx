/** Giving a place the name people use. It stays, whatever later lists say. */
import { useState } from 'preact/hooks';
import { Said } from '../../parts/said';
import type { HotspotPlace } from '../../wire/figures-types';
import { useDesk } from '../desk';
import { useChange } from '../load';
import { TextField } from '../parts/fields';
import { Sheet } from '../parts/sheet';
import { Failed } from '../parts/states';

interface RenameProps {
  readonly place: HotspotPlace;
  /** Fetches the place as it is now: it was named, by this person or by another. */
  readonly onLook: () => Promise<void>;
  readonly onClose: () => void;
}

export function Rename({ place, onLook, onClose }: RenameProps) {
  const desk = useDesk();
  const [name, setName] = useState(place.label ?? '');
  const [wanting, setWanting] = useState<string | undefined>(undefined);
  const { busy, failure, run, clear } = useChange();
  const save = (event: Event): void => {
    event.preventDefault();
    setWanting(name.trim() === '' ? 'Give the place a name' : undefined);
    if (name.trim() === '') return;
    void run(
      () => desk.api.nameHotspot(place.id, place.rev, name.trim()),
      (after) => {
        desk.said.value = `It is called ${after.label ?? ''} now`;
        onClose();
        void onLook();
      },
    );
  };
  // What was said stays until the place is here as it is now: a name saved before that would collide again.
  const lookAgain = (): void => void onLook().finally(clear);
  return (
    <Sheet title="Name this place" onClose={onClose}>
      <form class="stack" onSubmit={save} noValidate>
        {failure === null ? null : failure.code === 'changed_meanwhile' ? (
          <Said tone="care" title="This place was changed while you were looking at it" live>
            <p>{failure.detail}. What you typed was not saved.</p>
            <p>
              <button type="button" class="button slim" onClick={lookAgain}>
                Look again
              </button>
            </p>
          </Said>
        ) : (
          <Failed failure={failure} />
        )}
        <p>Call it what crews and residents call it. The name stays with the place: no new list changes it, and crews see it on their phones.</p>
        <TextField label="Name" value={name} onValue={setName} problem={wanting ?? failure?.fields.label?.[0]} />
        <div class="actions">
          <button type="submit" class="button main" aria-disabled={busy}>
            {busy ? 'Saving…' : 'Save the name'}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
