/** The list of cases: each row says what, where, since when, and why it is where it is. */
import { Icon } from '../../parts/icons';
import { categoryName, nameOf } from '../../parts/words/names';
import { counted } from '../../parts/words/said';
import type { DeskCaseRow } from '../../wire/desk-types';
import type { Reference } from '../../wire/types';
import { address, to } from '../address';
import { useDesk } from '../desk';
import { Time } from '../parts/time';
import { saidState, sentence } from '../words';

/** What it is: the waste for a fly-tip that names it, else the category. */
export function whatIs(reference: Reference | null, { kind, category, waste }: DeskCaseRow): string {
  if (kind === 'fly_tip' && waste !== null) return `Fly-tip: ${nameOf(reference?.waste, waste)}`;
  return categoryName(reference, category);
}

export function Reasons({ reasons }: { readonly reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul class="reasons" aria-label="Why it is here">
      {reasons.map((reason) => {
        const hazard = reason.startsWith('hazard');
        return (
          <li key={reason} class={hazard ? 'reason bad' : 'reason'}>
            {hazard ? <Icon name="warning" /> : null}
            {sentence(reason)}
          </li>
        );
      })}
    </ul>
  );
}

interface CaseListProps {
  readonly items: readonly DeskCaseRow[];
  readonly openId: string | null;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (id: string, on: boolean) => void;
  readonly onAt: (id: string) => void;
}

export function CaseList({ items, openId, selected, onSelect, onAt }: CaseListProps) {
  return (
    <ol class="cases">
      {items.map((row) => (
        <CaseRow
          key={row.id}
          row={row}
          open={row.id === openId}
          selected={selected.has(row.id)}
          onSelect={onSelect}
          onAt={onAt}
        />
      ))}
    </ol>
  );
}

export const rowLinkId = (id: string): string => `case-${id}`;

interface CaseRowProps {
  readonly row: DeskCaseRow;
  readonly open: boolean;
  readonly selected: boolean;
  readonly onSelect: CaseListProps['onSelect'];
  readonly onAt: CaseListProps['onAt'];
}

function CaseRow({ row, open, selected, onSelect, onAt }: CaseRowProps) {
  const { reference } = useDesk();
  return (
    <li class={open ? 'case-row open' : 'case-row'} onFocusIn={() => onAt(row.id)}>
      <label class="tick">
        <input type="checkbox" checked={selected} onChange={(event) => onSelect(row.id, event.currentTarget.checked)} />
        <span class="out-of-sight">Select {row.reference}</span>
      </label>
      <a
        id={rowLinkId(row.id)}
        class="case-link"
        href={to(['cases', row.id], address.value.query)}
        aria-current={open ? 'true' : undefined}
      >
        <span class="case-name">{row.label ?? 'Place not known yet'}</span>
        <span class="case-under">
          <span>{whatIs(reference.value, row)}</span>
          <span class="figures">{row.reference}</span>
          {row.state === 'new' ? null : <span>{saidState(row.state, row.closed_because)}</span>}
          {row.reports > 1 ? <span>{counted(row.reports, 'report')}</span> : null}
          <Time at={row.opened_at} />
        </span>
      </a>
      <Reasons reasons={row.why_here} />
    </li>
  );
}
