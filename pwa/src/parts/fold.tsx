import type { ComponentChildren } from 'preact';
import { Icon } from './icons';

interface FoldProps {
  readonly title: string;
  /** What is chosen inside, told while it is shut. */
  readonly holds?: string;
  readonly open?: boolean;
  readonly children: ComponentChildren;
}

export function Fold({ title, holds = '', open = false, children }: FoldProps) {
  return (
    <details class="fold" open={open}>
      <summary>
        <span class="text">
          {title}
          {holds === '' ? null : <span class="small soft"> {holds}</span>}
        </span>
        <Icon name="fold" class="turn" />
      </summary>
      <div class="inside">{children}</div>
    </details>
  );
}
