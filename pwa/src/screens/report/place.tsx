/** One line that always says where the position comes from, how good it is and how old. */
import type { ReportDraft } from '../../capture/types';
import { useApp } from '../app';
import { Icon } from '../../parts/icons';
import { href } from '../../parts/route';

export function PlaceLine({ draft }: { readonly draft: ReportDraft }) {
  const { capture } = useApp();
  const position = draft.position.value;
  const wantsPin = draft.wantsPin.value;
  const waiting = position === null && capture.position.reading.value.state === 'waiting';
  return (
    <a class={wantsPin ? 'place-line care' : 'place-line'} href={href('report', 'place')}>
      <Icon name={wantsPin ? 'warning' : position === null ? 'locate' : 'pin'} />
      <span class="text">
        <span class="name">{draft.positionWords.value}</span>
        {waiting ? <span class="soft small"> You can save without it.</span> : null}
      </span>
      <span class="end">{position === null ? 'Set place' : 'Change'}</span>
    </a>
  );
}
