/** A photo the council keeps: shown when there is signal or it was seen before; told in words otherwise. */
import { useState } from 'preact/hooks';
import type { Id } from '../../wire/types';
import { Icon } from '../../parts/icons';

interface CouncilPhotoProps {
  readonly id: Id;
  readonly variant: 'large' | 'thumb';
  readonly name: string;
}

export function CouncilPhoto({ id, variant, name }: CouncilPhotoProps) {
  const [failed, setFailed] = useState(false);
  if (failed) {
    return (
      <p class="blank photo-large">
        <Icon name="image" />
        The photo shows when there is signal
      </p>
    );
  }
  return (
    <img class="photo-large" src={`/api/v1/photos/${id}/${variant}`} alt={name} onError={() => setFailed(true)} />
  );
}
