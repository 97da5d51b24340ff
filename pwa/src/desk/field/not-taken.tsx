/** What phones sent that took no effect: kept whole for a person to look at. */
import { Fold } from '../../parts/fold';
import { receiptCode } from '../../shared/receipt';
import type { Stored } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { useLoaded } from '../load';
import { Shown } from '../parts/states';
import { Time } from '../parts/time';

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
  const kept = useLoaded('kept', () => desk.api.kept());
  const held = useLoaded('held', () => desk.api.held());
  return (
    <>
      <Shown loaded={held}>
        {({ items, next }) => (
          <List
            title="Waiting for more than a day"
            about="Each builds on something its phone has not sent yet. It is taken in as soon as that arrives; after a week without it where it makes sense alone."
            items={items}
            more={next !== null}
          />
        )}
      </Shown>
      <Shown loaded={kept}>
        {({ items, next }) => (
          <List
            title="Kept for you to look at"
            about="These could not be taken in as they are. Nothing is lost: all that was sent is here, and stays."
            items={items}
            more={next !== null}
          />
        )}
      </Shown>
    </>
  );
}

interface ListProps {
  readonly title: string;
  readonly about: string;
  readonly items: readonly Stored[];
  readonly more: boolean;
}

function List({ title, about, items, more }: ListProps) {
  if (items.length === 0) return null;
  return (
    <section class="stack" aria-label={title}>
      <h2>{title}</h2>
      <p class="soft">{about}</p>
      <ul class="rows">
        {items.map((item) => (
          <Row key={item.id} item={item} />
        ))}
      </ul>
      {more ? <p class="soft">There are more, older ones.</p> : null}
    </section>
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

function Row({ item }: { readonly item: Stored }) {
  const about = item.type?.startsWith('report.') === true && item.entity_id !== null ? receiptCode(item.entity_id) : null;
  return (
    <li class="row-item">
      <p>
        <strong>{(item.type === null ? undefined : named[item.type]) ?? 'Something that cannot be read'}</strong>
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
      <Fold title="Everything that was sent">
        <blockquote>{item.raw}</blockquote>
      </Fold>
    </li>
  );
}
