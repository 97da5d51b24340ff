/** The two hidden file inputs every photo comes through: the phone's camera, and the photos already on it. */
import type { App } from '../app';

type Use = (files: readonly File[]) => void;

const inputs: Partial<Record<'camera' | 'phone', HTMLInputElement>> = {};
let waitingUse: Use | null = null;

export const take: App['take'] = (from, use) => {
  waitingUse = use;
  inputs[from]?.click();
};

function picked(input: HTMLInputElement): void {
  const files = [...(input.files ?? [])];
  // Emptied so that picking the same photo again is noticed too.
  input.value = '';
  if (files.length > 0) waitingUse?.(files);
}

/** Drawn once, outside every screen: a screen change while the camera is open must not drop the photo. */
export function Pickers() {
  return (
    <div hidden>
      <input
        type="file"
        accept="image/*"
        capture="environment"
        aria-label="Take a photo"
        data-take="camera"
        ref={(input) => void (inputs.camera = input ?? undefined)}
        onChange={(event) => picked(event.currentTarget)}
      />
      <input
        type="file"
        accept="image/*"
        multiple
        aria-label="Choose photos from this phone"
        data-take="phone"
        ref={(input) => void (inputs.phone = input ?? undefined)}
        onChange={(event) => picked(event.currentTarget)}
      />
    </div>
  );
}
