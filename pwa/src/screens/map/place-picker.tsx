/** Says where something is: a name found on this phone, a pin moved by drag, buttons or arrow keys, or a grid reference. */
import { useId, useState } from 'preact/hooks';
import type { TypedPlace } from '../../capture/types';
import { moved } from '../../shared/distance';
import type { PlacesMap } from '../../wire/types';
import { useApp } from '../app';
import { Screen } from '../parts/frame';
import { Icon } from '../../parts/icons';
import { FindName } from '../../map/find-name';
import { Nudges, PinMap, saidPlace, type Direction } from '../../map/pin';
import type { Point } from '../../map/types';

interface PlacePickerProps {
  /** Where the pin begins; null when nothing is known, and then it must be moved before it can be used. */
  readonly start: Point | null;
  readonly onPin: (point: Point) => void;
  readonly onTyped: (text: string) => Promise<TypedPlace>;
  /** Back to GPS, where there is a GPS to go back to. */
  readonly onGps?: (() => void) | undefined;
}

export function PlacePicker({ start, onPin, onTyped, onGps }: PlacePickerProps) {
  const { outbox, capture } = useApp();
  const fix = capture.position.reading.value.position;
  const [pin, setPin] = useState(start);
  const [step, setStep] = useState('5');
  const map = outbox.data.map.value;
  const session = outbox.session.value;
  const names = map?.names ?? null;
  const move = ({ east, north }: Direction, far: boolean): void => {
    const metres = far ? 50 : Number(step);
    const from = pin ?? middle(map, outbox);
    if (from !== null) setPin(moved(from, east * metres, north * metres));
  };
  const words = pin === null ? 'Move the pin to the place.' : saidPlace(pin, map);
  return (
    <Screen
      title="Where is it?"
      foot={
        <button
          type="button"
          class="button main"
          aria-disabled={pin === null || words === null}
          onClick={() => pin !== null && words !== null && onPin(pin)}
        >
          <Icon name="pin" />
          Use this place
        </button>
      }
    >
      {names === null ? null : (
        <FindName
          names={names}
          near={fix ?? start}
          onFound={({ lat, lon }) => setPin({ lat, lon })}
          hint="Works without signal. The pin moves there; then move it to the very spot."
          missing="No such name on this phone. Check the spelling, move the pin, or type a grid reference."
        />
      )}
      <PinMap
        base={map}
        bounds={'authority' in session ? session.authority.bounds : null}
        me={fix === null ? null : { lat: fix.lat, lon: fix.lon, accuracyM: fix.accuracy_m }}
        pin={pin}
        onMoved={setPin}
        onKey={move}
      />
      <p role="status">{words ?? 'That place is not in Great Britain. Move the pin back.'}</p>
      <Nudges step={step} onStep={setStep} onMove={(direction) => move(direction, false)} />
      <TypedReference onTyped={onTyped} />
      {onGps === undefined ? null : (
        <button type="button" class="button" onClick={onGps}>
          <Icon name="locate" />
          Use my GPS position
        </button>
      )}
    </Screen>
  );
}

function middle(map: PlacesMap | null, outbox: ReturnType<typeof useApp>['outbox']): Point | null {
  const session = outbox.session.value;
  const bounds = 'authority' in session ? session.authority.bounds : null;
  if (bounds !== null) return { lat: (bounds[1] + bounds[3]) / 2, lon: (bounds[0] + bounds[2]) / 2 };
  const locality = map?.features.find(({ geometry }) => geometry.type === 'Point')?.geometry;
  return locality?.type === 'Point' ? { lat: locality.coordinates[1], lon: locality.coordinates[0] } : null;
}

function TypedReference({ onTyped }: Pick<PlacePickerProps, 'onTyped'>) {
  const id = useId();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const use = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await onTyped(text);
    setProblem(answer.ok ? null : answer.message);
  };
  return (
    <form class="part" onSubmit={(event) => void use(event)} noValidate>
      <div class="field">
        <label for={id}>Or type a grid reference</label>
        <p class="small soft" id={`${id}-hint`}>
          Such as SP 30965 97615, or 52.5755, -1.5445
        </p>
        {problem === null ? null : (
          <p class="red small" id={`${id}-problem`} role="alert">
            <strong>{problem}</strong>
          </p>
        )}
        <input
          id={id}
          type="text"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={text}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? `${id}-hint` : `${id}-hint ${id}-problem`}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <button type="submit" class="button">
        Use this reference
      </button>
    </form>
  );
}

