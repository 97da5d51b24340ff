/** The state of something saved: the outbox's exact words, with a sign of its own for each. */
import type { ItemState } from '../../outbox/types';
import { Icon, type IconName } from '../../parts/icons';

const signs: Readonly<Record<ItemState, readonly [icon: IconName, tone: string]>> = {
  saved: ['phone', 'wait'],
  sending: ['send', 'wait'],
  received: ['check', 'done'],
  photos: ['image', 'done'],
  safe: ['done', 'done'],
  needs_you: ['alert', 'bad'],
  paused: ['pause', 'wait'],
};

export function StateWords({ state, words }: { readonly state: ItemState; readonly words: string }) {
  const [icon, tone] = signs[state];
  return (
    <span class={`state ${tone}`}>
      <Icon name={icon} />
      {words}
    </span>
  );
}
