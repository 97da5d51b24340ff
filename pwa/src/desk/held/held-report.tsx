/** One report that is held back: why, what it says, where, its photos, and what may be done. */
import { useMemo, useState } from 'preact/hooks';
import { Icon } from '../../parts/icons';
import { nameOf } from '../../parts/words/names';
import { MapView } from '../../map/map-view';
import type { HeldReport } from '../../wire/held-types';
import { notShown, Photo } from '../case/photos';
import { useDesk } from '../desk';
import { Contact } from '../parts/contact';
import { Time } from '../parts/time';

interface HeldProps {
  readonly held: HeldReport;
  readonly busy: boolean;
  readonly onRelease: () => void;
  readonly onRefuse: () => void;
}

export function Held({ held, busy, onRelease, onRefuse }: HeldProps) {
  const reference = useDesk().reference.value;
  const { receipt_code: code, refused } = held;
  return (
    <article class="row-item" aria-label={`Report ${code}`}>
      <h2 class="held-title">
        <span class="figures">{code}</span> {nameOf(reference?.categories, held.category)}
      </h2>
      <p class="case-under">
        <span>
          received <Time at={held.received_at} />
        </span>
        <span>{held.where === '' ? (held.position === null ? 'no place given' : 'placed on the map') : `“${held.where}”`}</span>
      </p>
      <ul class="flags" aria-label="Why it is held back">
        {held.reasons.map(({ code: reason, words }) => (
          <li key={reason}>
            <Icon name="alert" />
            Held back because {words}
          </li>
        ))}
      </ul>
      {held.description === '' ? <p class="soft">It says nothing in words.</p> : <blockquote>{held.description}</blockquote>}
      <Photos held={held} />
      {held.position === null ? null : <Where held={held} />}
      {held.has_contact ? <Contact report={held.report_id} receiptCode={code} /> : null}
      {refused === null ? null : (
        <p class="red">
          Refused by {refused.by}, <Time at={refused.at} />: {refused.reason}
        </p>
      )}
      <div class="actions">
        <button type="button" class="button slim main" aria-disabled={busy} onClick={onRelease}>
          <span>
            {refused === null ? 'Release' : 'Release after all'}
            <span class="out-of-sight"> {code}</span>
          </span>
        </button>
        {refused === null ? (
          <button type="button" class="button slim" onClick={onRefuse}>
            <span>
              Refuse<span class="out-of-sight"> {code}</span>…
            </span>
          </button>
        ) : null}
      </div>
    </article>
  );
}

function Photos({ held: { photos, receipt_code } }: Pick<HeldProps, 'held'>) {
  if (photos.length === 0) return null;
  return (
    <div class="photos">
      {photos.map((photo, index) => (
        <figure key={photo.id}>
          <Photo photo={photo} name={`Photo ${index + 1} of report ${receipt_code}`} />
          {notShown(photo) === null ? null : <figcaption class="soft">Photo {index + 1}</figcaption>}
        </figure>
      ))}
    </div>
  );
}

function Where({ held: { position, receipt_code } }: Pick<HeldProps, 'held'>) {
  const desk = useDesk();
  const [shown, setShown] = useState(false);
  const marks = useMemo(
    () =>
      position === null
        ? []
        : [{ id: receipt_code, kind: 'report' as const, face: 'R', name: `Report ${receipt_code}`, lat: position.lat, lon: position.lon }],
    [position, receipt_code],
  );
  return (
    <>
      <button type="button" class="button slim" aria-expanded={shown} onClick={() => setShown(!shown)}>
        <span>
          {shown ? 'Hide the map' : 'Show it on the map'}
          <span class="out-of-sight">: report {receipt_code}</span>
        </span>
      </button>
      {shown ? <MapView base={desk.map.value} bounds={null} marks={marks} me={null} closest={15} /> : null}
    </>
  );
}
