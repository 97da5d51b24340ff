/** One photo large: nearer with + and -, the next with the arrow keys, the kept original one link away. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../parts/icons';
import { DeskIcon } from '../parts/icons';
import { Sheet } from '../parts/sheet';
import { photoAddress, PhotoSays, type NamedPhoto } from './photos';

interface CloseLookProps {
  readonly current: NamedPhoto;
  readonly place: number;
  readonly count: number;
  readonly onShow: (index: number | null) => void;
}

const NEAREST = 4;

export function CloseLook({ current: { photo, name }, place, count, onShow }: CloseLookProps) {
  const [times, setTimes] = useState(1);
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => setTimes(1), [place]);
  const show = (index: number): void => onShow((index + count) % count);
  const zoom = (by: 1 | -1): void => setTimes(Math.min(NEAREST, Math.max(1, times + by)));
  const onKey = (event: KeyboardEvent): void => {
    const scrolled = times > 1 && event.target === view.current;
    const does: Readonly<Record<string, () => void>> = {
      '+': () => zoom(1),
      '=': () => zoom(1),
      '-': () => zoom(-1),
      // A photo that is larger than its frame is moved by the arrows instead.
      ...(scrolled ? {} : { ArrowRight: () => show(place + 1), ArrowLeft: () => show(place - 1) }),
    };
    const act = does[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  return (
    <Sheet title={name} wide onClose={() => onShow(null)}>
      <div class="close-look" onKeyDown={onKey}>
        <div class="look-actions" role="group" aria-label="Photo">
          <button type="button" class="button slim" aria-disabled={count < 2} onClick={() => show(place - 1)}>
            <Icon name="left" />
            Before
          </button>
          <p class="figures">
            {place + 1} of {count}
          </p>
          <button type="button" class="button slim" aria-disabled={count < 2} onClick={() => show(place + 1)}>
            Next
            <Icon name="right" />
          </button>
          <button type="button" class="button slim" aria-disabled={times === NEAREST} onClick={() => zoom(1)}>
            <DeskIcon name="zoom" />
            Nearer
          </button>
          <button type="button" class="button slim" aria-disabled={times === 1} onClick={() => zoom(-1)}>
            <Icon name="fewer" />
            Farther
          </button>
          <a class="button slim" href={photoAddress(photo.id, 'original')} target="_blank" rel="noreferrer">
            <DeskIcon name="original" />
            Original
          </a>
        </div>
        <div ref={view} class="look-view" tabIndex={0} role="group" aria-label={`${name}, ${times} times as large`}>
          <img class={`times-${times}`} src={photoAddress(photo.id, 'large')} alt={name} />
        </div>
        <PhotoSays photo={photo} />
        <p class="soft">Opening the original is noted in the history of the photo.</p>
      </div>
    </Sheet>
  );
}
