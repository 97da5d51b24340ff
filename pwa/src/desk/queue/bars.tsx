/** The bars of the list: new cases that have come, what was decided last, and what can be done to the selected. */
import { Said } from '../../parts/said';
import { counted } from '../../parts/words/said';
import { Icon } from '../../parts/icons';
import { address, to } from '../address';
import { DeskIcon } from '../parts/icons';
import type { Last } from './use-triage';

export function FreshChip({ fresh, onShow }: { readonly fresh: number; readonly onShow: () => void }) {
  if (fresh === 0) return null;
  return (
    <button type="button" class="button slim fresh" onClick={onShow}>
      <Icon name="refresh" />
      {counted(fresh, 'new case')}: show {fresh === 1 ? 'it' : 'them'}
    </button>
  );
}

interface LastBarProps {
  readonly last: Last | null;
  readonly busy: boolean;
  readonly onUndo: () => void;
  readonly onClose: () => void;
}

export function LastBar({ last, busy, onUndo, onClose }: LastBarProps) {
  if (last === null) return null;
  return (
    <div class="last">
      <div class="last-line">
        <p>
          <strong>{last.words}</strong>
        </p>
        {last.undo.length === 0 ? null : (
          <button type="button" class="button slim" aria-disabled={busy} onClick={onUndo}>
            <DeskIcon name="undo" />
            Undo
          </button>
        )}
        <button type="button" class="button slim" onClick={onClose}>
          <DeskIcon name="close" />
          <span class="out-of-sight">Put this message away</span>
        </button>
      </div>
      {last.troubles.length === 0 ? null : (
        <Said tone="care" title={`${counted(last.troubles.length, 'case')} left as they were`}>
          <ul class="plain-list">
            {last.troubles.map(({ id, reference, why }) => (
              <li key={id}>
                <a class="touch" href={to(['cases', id], address.value.query)}>
                  {reference}
                </a>
                : {why}
              </li>
            ))}
          </ul>
        </Said>
      )}
    </div>
  );
}

interface SelectionBarProps {
  readonly count: number;
  readonly canAccept: boolean;
  readonly canDecide: boolean;
  readonly busy: boolean;
  readonly onAccept: () => void;
  readonly onDecide: () => void;
  readonly onNone: () => void;
}

export function SelectionBar({ count, canAccept, canDecide, busy, onAccept, onDecide, onNone }: SelectionBarProps) {
  if (count === 0) return null;
  return (
    <div class="selection" role="group" aria-label="The selected cases">
      <p>
        <strong>{count} selected</strong>
      </p>
      {canAccept ? (
        <button type="button" class="button slim main" aria-disabled={busy} onClick={onAccept}>
          {busy ? 'Saving…' : 'Accept'}
        </button>
      ) : null}
      {canDecide ? (
        <button type="button" class="button slim" onClick={onDecide}>
          Decide…
        </button>
      ) : (
        <p class="soft">Some are closed and some are not: no decision fits all of them.</p>
      )}
      <button type="button" class="button slim" onClick={onNone}>
        Select none
      </button>
    </div>
  );
}
