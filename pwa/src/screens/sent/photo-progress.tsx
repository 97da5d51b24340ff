/** Each photo of a saved thing with how far it has come; one that cannot go asks to be left out. */
import { useState } from 'preact/hooks';
import type { OutboxItem, PhotoProgress } from '../../outbox/types';
import { Said } from '../../parts/said';
import { useApp } from '../app';
import { StoredPhoto } from '../parts/stored-photo';
import { plainError } from '../words/errors';

export function PhotoProgressList({ item }: { readonly item: OutboxItem }) {
  const { photoList } = item;
  if (photoList.length === 0) return null;
  const stuck = photoList.findIndex(({ state }) => state === 'needs_you');
  const photo = photoList[stuck];
  return (
    <section class="part" aria-labelledby="photos">
      <h2 id="photos">Photos</h2>
      <ul class="thumbs">
        {photoList.map((one, index) => (
          <li key={one.id} class="thumb">
            <StoredPhoto id={one.id} name={`Photo ${index + 1}`} />
            <Progress photo={one} number={index + 1} />
          </li>
        ))}
      </ul>
      {photo === undefined ? null : <CannotGo key={photo.id} photo={photo} number={stuck + 1} />}
    </section>
  );
}

const words: Readonly<Record<PhotoProgress['state'], string>> = {
  waiting: 'Waiting',
  sending: 'Sending',
  uploaded: 'With the council',
  checked: 'Checked',
  needs_you: 'Cannot be sent',
  left_out: 'Left out',
};

function Progress({ photo, number }: { readonly photo: PhotoProgress; readonly number: number }) {
  const percent = photo.bytes === 0 ? 0 : Math.floor((100 * photo.sent) / photo.bytes);
  const partly = (photo.state === 'sending' || photo.state === 'waiting') && percent > 0;
  return (
    <span class="small figures">
      {words[photo.state]}
      {partly ? <progress max={100} value={percent} aria-label={`Photo ${number} sent`} /> : null}
    </span>
  );
}

function CannotGo({ photo, number }: { readonly photo: PhotoProgress; readonly number: number }) {
  const { outbox, said } = useApp();
  const [problem, setProblem] = useState<string | null>(null);
  const leaveOut = async (): Promise<void> => {
    try {
      await outbox.leaveOut(photo.id);
      said.value = `Photo ${number} is left out`;
    } catch (error) {
      setProblem(plainError(error));
    }
  };
  return (
    <Said tone="bad" title={`Photo ${number} cannot be sent`}>
      <p>{photo.problem}</p>
      <p>You can go on without it: the council is told. If the tip is still there, report it again with a new photo.</p>
      {problem === null ? null : <p role="alert">{problem}</p>}
      <button type="button" class="button slim" onClick={() => void leaveOut()}>
        Go on without photo {number}
      </button>
    </Said>
  );
}
