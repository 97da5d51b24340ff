/** Photos side by side with what their own data says, and a close look at each by keys. */
import { useState } from 'preact/hooks';
import { Icon } from '../../parts/icons';
import { exactTime } from '../../parts/words/said';
import type { DeskCase, DeskPhoto } from '../../wire/desk-types';
import { CloseLook } from './close-look';

export const photoAddress = (id: string, variant: 'large' | 'original'): string => `/api/v1/photos/${id}/${variant}`;

export interface NamedPhoto {
  readonly photo: DeskPhoto;
  readonly name: string;
}

/** Every photo of the case's reports, in the order they came. */
export function photosOf({ reports_detail: reports }: Pick<DeskCase, 'reports_detail'>): readonly NamedPhoto[] {
  return reports.flatMap(({ receipt_code, photos }) =>
    photos.map((photo, index) => ({ photo, name: `Photo ${index + 1} of report ${receipt_code}` })),
  );
}

/** Why a photo cannot be shown, in words; null when it can. */
export function notShown({ state, showable, problem }: DeskPhoto): string | null {
  if (showable === true) return null;
  if (state === 'verified' && showable === false) return problem ?? 'It is kept, but cannot be shown as a picture';
  if (state === 'verified') return 'It has arrived and is being looked at';
  return 'It is still on the phone, on its way';
}

export function Photo({ photo, name }: { readonly photo: DeskPhoto; readonly name: string }) {
  const [failed, setFailed] = useState(false);
  const why = notShown(photo) ?? (failed ? 'It could not be fetched' : null);
  if (why !== null) {
    return (
      <p class="no-photo soft">
        <Icon name="image" />
        {why}
      </p>
    );
  }
  return <img src={photoAddress(photo.id, 'large')} alt={name} loading="lazy" onError={() => setFailed(true)} />;
}

interface PhotosPartProps {
  readonly known: DeskCase;
  /** The photo looked at closely. */
  readonly shown: number | null;
  readonly onShow: (index: number | null) => void;
}

export function PhotosPart({ known, shown, onShow }: PhotosPartProps) {
  const photos = photosOf(known);
  const current = shown === null ? undefined : photos[shown];
  return (
    <section class="part photos-part" aria-labelledby="photos">
      <h2 id="photos">Photos</h2>
      {photos.length === 0 ? <p class="soft">No photo came with it.</p> : null}
      <div class="photos">
        {photos.map(({ photo, name }, index) => (
          <figure key={photo.id}>
            {notShown(photo) === null ? (
              <button type="button" class="photo-button" onClick={() => onShow(index)}>
                <Photo photo={photo} name={`${name}: look closely`} />
              </button>
            ) : (
              <Photo photo={photo} name={name} />
            )}
            <figcaption>
              <PhotoSays photo={photo} />
            </figcaption>
          </figure>
        ))}
      </div>
      {current === undefined || shown === null ? null : (
        <CloseLook current={current} place={shown} count={photos.length} onShow={onShow} />
      )}
    </section>
  );
}

export function PhotoSays({ photo }: { readonly photo: DeskPhoto }) {
  const says = photo.exif_says ?? [];
  return (
    <ul class="exif">
      {photo.taken_at === null ? null : <li>Taken {exactTime(photo.taken_at)}, the phone says</li>}
      {says.map(({ about, agrees, text }) => (
        <li key={about} class={agrees === null ? 'soft' : agrees ? 'green' : 'amber'}>
          {agrees === null ? null : <Icon name={agrees ? 'check' : 'warning'} />}
          {text}
        </li>
      ))}
      {says.length === 0 && photo.taken_at === null ? <li>The photo itself tells neither time nor place.</li> : null}
    </ul>
  );
}
