/** Putting a case on the map whose report came without a position: by a name, by the pin, by keys. */
import { useState } from 'preact/hooks';
import { FindName } from '../../map/find-name';
import { Nudges, PinMap, saidPlace, type Direction } from '../../map/pin';
import type { Point } from '../../map/types';
import { moved } from '../../shared/distance';
import { useDesk } from '../desk';
import { Sheet } from '../parts/sheet';
import { RefusedChange } from './collision';
import type { FormProps } from './forms';

type Source = 'pin' | 'typed';

function middle(bounds: readonly [number, number, number, number] | null): Point | null {
  return bounds === null ? null : { lat: (bounds[1] + bounds[3]) / 2, lon: (bounds[0] + bounds[2]) / 2 };
}

export function PutOnMap({ known, open, onDone, onClose }: FormProps) {
  const desk = useDesk();
  const session = desk.session.value;
  const bounds = session.status === 'signed_in' ? session.authority.bounds : null;
  const map = desk.map.value;
  const [pin, setPin] = useState<Point | null>(null);
  const [source, setSource] = useState<Source>('pin');
  const [step, setStep] = useState('50');
  const put = (point: Point, by: Source): void => {
    setPin(point);
    setSource(by);
  };
  const move = ({ east, north }: Direction, far: boolean): void => {
    const metres = Number(step) * (far ? 10 : 1);
    const from = pin ?? middle(bounds);
    if (from !== null) put(moved(from, east * metres, north * metres), 'pin');
  };
  const words = pin === null ? 'Find a name, or move the pin to the place.' : saidPlace(pin, map);
  const save = (): void => {
    if (pin === null || words === null) {
      desk.said.value = 'Move the pin to the place first';
      return;
    }
    open.change(
      (shown) => desk.api.putOnMap(known.id, shown.rev, { ...pin, source }),
      (after) => onDone(after, `${after.reference} is on the map: ${after.label ?? 'place not named'}`),
    );
  };
  return (
    <Sheet title={`Put ${known.reference} on the map`} onClose={onClose} wide>
      <div class="stack">
        {open.failure === null ? null : <RefusedChange failure={open.failure} onLook={open.lookAgain} />}
        <WhatWasSaid known={known} />
        {map?.names === null || map?.names === undefined ? null : (
          <FindName
            names={map.names}
            near={middle(bounds)}
            onFound={({ lat, lon }) => put({ lat, lon }, 'typed')}
            hint="The pin moves there; then move it to the very spot."
            missing="No such name in the council’s area. Check the spelling, or move the pin."
          />
        )}
        <PinMap base={map} bounds={bounds} me={null} pin={pin} onMoved={(point) => put(point, 'pin')} onKey={move} />
        <p role="status">{words ?? 'That place is not in Great Britain. Move the pin back.'}</p>
        <Nudges step={step} onStep={setStep} onMove={(direction) => move(direction, false)} />
        <p class="soft">The report stays as it was sent. The history says that you put it here.</p>
        <div class="actions">
          <button type="button" class="button main" aria-disabled={open.busy || pin === null || words === null} onClick={save}>
            {open.busy ? 'Saving…' : 'It is here'}
          </button>
        </div>
      </div>
    </Sheet>
  );
}

/** What the reports say of the place in words: all there is to go by. */
function WhatWasSaid({ known }: Pick<FormProps, 'known'>) {
  const said = known.reports_detail.flatMap(({ where, description }) => [where ?? '', description].filter((words) => words !== ''));
  if (said.length === 0) return <p class="soft">Nobody said in words where it is.</p>;
  return (
    <>
      {said.map((words) => (
        <blockquote key={words}>{words}</blockquote>
      ))}
    </>
  );
}
