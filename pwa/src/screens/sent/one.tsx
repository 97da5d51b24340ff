/** One saved thing: its state in the exact words, what happens next, and what was saved. */
import type { OutboxItem, WithId } from '../../outbox/types';
import type { Position, ReportRow } from '../../wire/types';
import { toGridReference } from '../../shared/grid';
import { useApp } from '../app';
import { WORDS } from '../../shared/words';
import { Facts } from '../../parts/facts';
import { Screen } from '../parts/frame';
import { Icon } from '../../parts/icons';
import { Said } from '../../parts/said';
import { StateWords } from '../parts/state';
import { href } from '../../parts/route';
import { categoryName, hazardNames, nameOf, sizeChoices, wasteChoices } from '../../parts/words/names';
import { exactTime } from '../../parts/words/said';
import { PhotoProgressList } from './photo-progress';
import { Refused } from './refused';
import { titleOf } from './titles';

export function SentScreen({ id }: { readonly id: string }) {
  const { outbox } = useApp();
  const item = outbox.items.value.find((known) => known.id === id || known.entityId === id);
  const row = outbox.data.myReports.value.find((known) => known.id === id);
  if (item === undefined && row === undefined) {
    return (
      <Screen title="Not on this phone">
        <p>This phone has no report under that address. It may have been saved on another phone.</p>
        <a class="button" href={href('waiting')}>
          See what is waiting
        </a>
      </Screen>
    );
  }
  return (
    <Screen title={item?.report === null ? 'Sent for a job' : 'Your report'}>
      {item === undefined ? null : <p class="lead">{titleOf(item, outbox.data)}</p>}
      {item === undefined ? null : <State item={item} />}
      {row === undefined ? null : <AtTheCouncil row={row} />}
      {item === undefined ? null : <PhotoProgressList item={item} />}
      {item === undefined ? null : <AsSaved item={item} />}
    </Screen>
  );
}

function State({ item }: { readonly item: OutboxItem }) {
  return (
    <section class="part" aria-label="State">
      <p role="status">
        <StateWords state={item.state} words={item.words} />
      </p>
      {item.note === null || item.refused !== null || item.needsPlace ? null : <p>{item.note}</p>}
      {item.refused === null ? null : <Refused item={item} refused={item.refused} />}
      {item.receiptCode === null ? null : (
        <p>
          Receipt code <strong class="figures">{item.receiptCode}</strong>
        </p>
      )}
      {item.needsPlace ? (
        <Said tone="care" title={`${WORDS.needs_you}: pick the place`}>
          <p>It was saved without a position. Put a pin where it is.</p>
          <a class="button slim" href={href('sent', item.id, 'place')}>
            <Icon name="pin" />
            Put a pin
          </a>
        </Said>
      ) : null}
    </section>
  );
}

const councilStates = {
  received: 'Received by the council',
  placed: 'The council knows the place',
  accepted: 'Accepted: the council is dealing with it',
  closed: 'Closed by the council',
} as const;

function AtTheCouncil({ row }: { readonly row: WithId<ReportRow> }) {
  const photos = row.photos === undefined || row.photos.expected === 0 ? null : row.photos;
  return (
    <section class="part" aria-labelledby="at-the-council">
      <h2 id="at-the-council">At the council</h2>
      <Facts
        facts={[
          ['State', councilStates[row.state]],
          ['Receipt code', row.receipt_code],
          ['Case', row.case_reference],
          ['Place', row.label],
          ['Photos', photos === null ? null : `${photos.verified} of ${photos.expected} checked`],
        ]}
      />
    </section>
  );
}

function positionWords(position: Position): string {
  const place = toGridReference(position) ?? `${position.lat.toFixed(5)}, ${position.lon.toFixed(5)}`;
  const source = { gps: 'GPS', pin: 'pin', typed: 'typed', photo: 'from the photo' }[position.source];
  const accuracy = position.accuracy_m === null ? '' : `, ${Math.round(position.accuracy_m)} m`;
  return `${place} (${source}${accuracy})`;
}

function named(list: Parameters<typeof nameOf>[0], code: string | null | undefined): string | null {
  return code === null || code === undefined ? null : nameOf(list, code);
}

function AsSaved({ item }: { readonly item: OutboxItem }) {
  const { outbox } = useApp();
  const reference = outbox.data.reference.value;
  const report = item.report;
  const place = report?.position ?? null;
  return (
    <section class="part" aria-labelledby="as-saved">
      <h2 id="as-saved">As saved</h2>
      <Facts
        facts={[
          ['Saved', exactTime(item.savedAt)],
          ['Kind', report === null ? null : categoryName(reference, report.category)],
          ['What', report?.waste.map((code) => nameOf(wasteChoices(reference), code)).join(', ')],
          ['How much', named(sizeChoices(reference), report?.size)],
          ['Dangerous', report === null ? null : hazardNames(reference, report.hazards)],
          ['Land', named(reference?.land, report?.land)],
          ['Seen happening', report?.witnessed === true ? 'Yes' : null],
          ['Position', place === null ? null : positionWords(place)],
          ['Note', report?.description ?? item.text],
        ]}
      />
    </section>
  );
}
