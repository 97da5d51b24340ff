import { Icon } from '../../parts/icons';

interface PhotoButtonsProps {
  /** Photos taken so far. */
  readonly count: number;
  readonly onTake: (from: 'camera' | 'phone') => void;
}

export function PhotoButtons({ count, onTake }: PhotoButtonsProps) {
  return (
    <div class="row">
      <button type="button" class="button" onClick={() => onTake('camera')}>
        <Icon name="camera" />
        {count === 0 ? 'Take a photo' : 'Another photo'}
      </button>
      <button type="button" class="button" onClick={() => onTake('phone')}>
        <Icon name="image" />
        From phone
      </button>
    </div>
  );
}
