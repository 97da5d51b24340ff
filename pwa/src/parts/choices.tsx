/** Chips: real radio buttons and check boxes, drawn as targets a gloved thumb can hit. */
import type { ComponentChildren } from 'preact';
import { Icon } from './icons';

export interface Choice {
  readonly code: string;
  readonly name: string;
}

interface ChipsProps {
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** One choice at most: radio buttons instead of check boxes. */
  readonly single?: boolean;
  readonly care?: boolean;
  readonly hint?: string;
  /** Stands after the last chip: a way to more of them. */
  readonly more?: ComponentChildren;
}

function after(chosen: readonly string[], code: string, on: boolean, single: boolean): readonly string[] {
  if (single) return [code];
  return on ? [...chosen.filter((other) => other !== code), code] : chosen.filter((other) => other !== code);
}

export function Chips({ legend, choices, chosen, onChange, single = false, care = false, hint, more }: ChipsProps) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {hint === undefined ? null : <p class="small soft">{hint}</p>}
      <div class="chips">
        {choices.map(({ code, name }) => (
          <label key={code} class={care ? 'chip care' : 'chip'}>
            <input
              type={single ? 'radio' : 'checkbox'}
              name={legend}
              value={code}
              checked={chosen.includes(code)}
              onChange={(event) => onChange(after(chosen, code, event.currentTarget.checked, single))}
            />
            <span>
              <Icon name="check" />
              {name}
            </span>
          </label>
        ))}
        {more}
      </div>
    </fieldset>
  );
}

/** The choices this phone used last come first; the rest keep their order. */
export function lastFirst(choices: readonly Choice[], last: readonly string[]): readonly Choice[] {
  const first = last.flatMap((code) => choices.filter((choice) => choice.code === code));
  return [...first, ...choices.filter((choice) => !last.includes(choice.code))];
}
