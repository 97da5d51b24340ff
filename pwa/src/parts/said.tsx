/** One thing said to the person: what happened, what it means, what to do. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons';

export type Tone = 'plain' | 'care' | 'bad' | 'good';

const icons: Record<Tone, IconName> = { plain: 'alert', care: 'warning', bad: 'danger', good: 'done' };

interface SaidProps {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ComponentChildren;
  /** Read out at once when it appears after something the person did. */
  readonly live?: boolean;
}

export function Said({ tone, title, children, live = false }: SaidProps) {
  return (
    <div class={tone === 'plain' ? 'said' : `said ${tone}`} role={live ? 'alert' : undefined}>
      <Icon name={icons[tone]} />
      <div>
        <p>
          <strong>{title}</strong>
        </p>
        {children}
      </div>
    </div>
  );
}
