import { addPhotos, problems, useApp } from '../app';
import type { PhotoView, ReportDraft } from '../../capture/types';
import { Icon } from '../parts/icons';
import { PhotoButtons } from '../parts/photo-buttons';
import { Said } from '../parts/said';

export function PhotoStrip({ draft }: { readonly draft: ReportDraft }) {
  const app = useApp();
  const photos = draft.photos.value;
  const take = (from: 'camera' | 'phone'): void => {
    void draft.keep();
    app.take(from, (files) => void addPhotos(app, draft, files));
  };
  return (
    <section class="part" aria-label="Photos">
      {photos.length === 0 ? null : (
        <ul class="thumbs">
          {photos.map((photo, index) => (
            <Thumb key={photo.id} photo={photo} number={index + 1} onRemove={() => draft.removePhoto(photo.id)} />
          ))}
        </ul>
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
  readonly onRemove: () => void;
}

function Thumb({ photo, number, onRemove }: ThumbProps) {
  return (
    <li class="thumb">
      {photo.thumbUrl === null ? (
        <span class="blank">
          <Icon name="image" />
          No preview. It is sent all the same.
        </span>
      ) : (
        <img src={photo.thumbUrl} alt={`Photo ${number}`} />
      )}
      <button type="button" class="button slim" onClick={onRemove}>
        Remove<span class="out-of-sight"> photo {number}</span>
      </button>
    </li>
  );
}
