/** A line of a list that leads to its own screen. */
import type { ComponentChildren } from 'preact';
import { sayDistance } from '../../shared/distance';

interface RowProps {
  readonly to: string;
  readonly name: string;
  readonly under?: readonly (string | null)[];
  readonly metres?: number | null;
  readonly lead?: ComponentChildren;
  readonly danger?: string;
}

export function Row({ to, name, under = [], metres = null, lead, danger = '' }: RowProps) {
  return (
    <li>
      <a class="item" href={to}>
        {lead}
        <span class="text">
          <span class="name">{name}</span>
          <span class="under">
            {under
              .filter((part) => part !== null)
              .map((part) => (
                <span key={part} class="together">
                  {part}
                </span>
              ))}
          </span>
          {danger === '' ? null : <span class="red small">Hazard: {danger}</span>}
        </span>
        {metres === null ? null : <span class="end figures">{sayDistance(metres)}</span>}
      </a>
    </li>
  );
}
