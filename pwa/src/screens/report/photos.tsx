import { useRef, useState } from 'preact/hooks';
import { addPhotos, problems, useApp } from '../app';
import type { PhotoDraft, PhotoView } from '../../capture/types';
import { Icon } from '../../parts/icons';
import { PhotoButtons } from '../parts/photo-buttons';
import { Said } from '../../parts/said';
import type { Id } from '../../wire/types';

/** Photos in one low strip: kinds and sizes must lie under the thumb without scrolling. */
export function PhotoStrip({ draft }: { readonly draft: PhotoDraft }) {
  const app = useApp();
  const photos = draft.photos.value;
  const [asked, setAsked] = useState<Id | null>(null);
  const strip = useRef<HTMLElement>(null);
  const number = photos.findIndex(({ id }) => id === asked) + 1;
  const take = (from: 'camera' | 'phone'): void => {
    void draft.keep();
    app.take(from, (files) => void addPhotos(app, draft, files));
  };
  const remove = (): void => {
    if (asked !== null) draft.removePhoto(asked);
    setAsked(null);
    app.said.value = `Photo ${number} removed`;
    // The button goes with the photo; the focus must not fall back to the top of the page.
    strip.current?.focus();
  };
  return (
    <section ref={strip} class="part" aria-label="Photos" tabIndex={-1}>
      {photos.length === 0 ? null : (
        <ul class="thumbs">
          {photos.map((photo, index) => (
            <li key={photo.id}>
              <Thumb
                photo={photo}
                number={index + 1}
                pressed={photo.id === asked}
                onTap={() => setAsked(photo.id === asked ? null : photo.id)}
              />
            </li>
          ))}
        </ul>
      )}
      {number === 0 ? null : (
        <button type="button" class="button slim" onClick={remove}>
          <Icon name="remove" />
          Remove photo {number}
        </button>
      )}
      {problems.value.length === 0 ? null : (
        <Said tone="bad" title="Not every photo could be taken" live>
          {problems.value.map((message) => (
            <p key={message}>{message}</p>
          ))}
        </Said>
      )}
      <PhotoButtons count={photos.length} onTake={take} />
    </section>
  );
}

interface ThumbProps {
  readonly photo: PhotoView;
  readonly number: number;
  readonly pressed: boolean;
  readonly onTap: () => void;
}

function Thumb({ photo, number, pressed, onTap }: ThumbProps) {
  return (
    <button type="button" class="thumb" aria-pressed={pressed} onClick={onTap}>
      {photo.thumbUrl === null ? (
        <span class="blank">
          <Icon name="image" />
          <span class="out-of-sight">Photo {number}, </span>No preview
        </span>
      ) : (
        <img src={photo.thumbUrl} alt={`Photo ${number}`} />
      )}
    </button>
  );
}
