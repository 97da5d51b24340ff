/** What phones sent that took no effect: kept whole for a person to look at. */
import { useState } from 'preact/hooks';
import { Fold } from '../../parts/fold';
import { receiptCode } from '../../shared/receipt';
import type { ListOf } from '../../wire/desk-api';
import type { Stored } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { usePaged, type Paged } from '../load';
import { More } from '../parts/more';
import { Shown } from '../parts/states';
import { Time } from '../parts/time';
import { SettleSheet } from './settle-sheet';

const named: Readonly<Record<string, string>> = {
  'report.create': 'A new report',
  'report.locate': 'The place of a report',
  'report.add': 'More about a report',
  'job.result': 'The outcome of a job',
  'job.note': 'A note on a job',
  'case.note': 'A note on a case',
};

export function NotTaken() {
  const desk = useDesk();
  const [settled, setSettled] = useState(false);
  const [settling, setSettling] = useState<Stored | null>(null);
  const held = usePaged('held', (page) => desk.api.held(page));
  const kept = usePaged(`kept ${settled}`, (page) => desk.api.kept(settled ? { settled: 'true', ...page } : page));
  return (
    <>
      <List
        title="Waiting for more than a day"
        about="Each builds on something its phone has not sent yet. It is taken in as soon as that arrives; after a week without it where it makes sense alone."
        list={held}
      />
      {settled ? (
        <List title="Settled" about="What an officer has dealt with, and how." none="Nothing has been settled yet." list={kept} />
      ) : (
        <List
          title="Kept for you to look at"
          about="These could not be taken in as they are. Nothing is lost: all that was sent is here, and stays."
          list={kept}
          onSettle={setSettling}
        />
      )}
      <button type="button" class="button slim" onClick={() => setSettled(!settled)}>
        {settled ? 'Show what waits for an officer' : 'Show what phones sent that was settled'}
      </button>
      {settling === null ? null : (
        <SettleSheet
          item={settling}
          title={`Settle: ${titleOf(settling)}`}
          onClose={() => setSettling(null)}
          onSettled={() => {
            setSettling(null);
            void kept.reload();
          }}
        />
      )}
    </>
  );
}

interface ListProps {
  readonly title: string;
  readonly about: string;
  readonly list: Paged<ListOf<Stored>>;
  /** Said where the list is empty; without it, nothing is. */
  readonly none?: string;
  readonly onSettle?: (item: Stored) => void;
}

function List({ title, about, list, none, onSettle }: ListProps) {
  return (
    <Shown loaded={list}>
      {({ items }) =>
        items.length === 0 ? (
          none === undefined ? null : <p>{none}</p>
        ) : (
          <section class="stack" aria-label={title}>
            <h2>{title}</h2>
            <p class="soft">{about}</p>
            <ul class="rows">
              {items.map((item) => (
                <Row key={item.id} item={item} onSettle={onSettle} />
              ))}
            </ul>
            <More list={list} />
          </section>
        )
      }
    </Shown>
  );
}

/** Why it was not taken in, in words. */
export function saidWhy({ why, problem }: Pick<Stored, 'why' | 'problem'>): string {
  const detail = problem?.detail === undefined || problem.detail === '' ? '' : ` (${problem.detail})`;
  switch (why) {
    case 'conflict':
      return 'It was here before with other content, and the first stands. Compare the two.';
    case 'rejected':
      return `Something in it has to be mended${detail}. The phone shows it to its user as “Needs you”.`;
    case 'dead_letter':
      return `It could not be taken in${detail}. The phone has handed it over as it is.`;
    default:
      return 'It waits for what it builds on.';
  }
}

function titleOf({ type }: Stored): string {
  return (type === null ? undefined : named[type]) ?? 'Something that cannot be read';
}

interface RowProps {
  readonly item: Stored;
  readonly onSettle: ((item: Stored) => void) | undefined;
}

function Row({ item, onSettle }: RowProps) {
  const about = item.type?.startsWith('report.') === true && item.entity_id !== null ? receiptCode(item.entity_id) : null;
  return (
    <li class="row-item">
      <p>
        <strong>{titleOf(item)}</strong>
        {about === null ? null : <span class="figures"> {about}</span>}
      </p>
      <p class="case-under">
        {item.user === null ? null : <span>{item.user.name}</span>}
        {item.device === null ? null : <span>{item.device.label}</span>}
        <span>
          came <Time at={item.received_at} />
        </span>
      </p>
      <p class={item.why === undefined ? 'soft' : 'amber'}>{saidWhy(item)}</p>
      {item.settled_at === undefined ? null : (
        <p>
          Settled <Time at={item.settled_at} />: {item.settled_note}
        </p>
      )}
      <Fold title="Everything that was sent">
        <blockquote>{item.raw}</blockquote>
      </Fold>
      {onSettle === undefined ? null : (
        <button type="button" class="button slim" onClick={() => onSettle(item)}>
          I have dealt with it…
        </button>
      )}
    </li>
  );
}
