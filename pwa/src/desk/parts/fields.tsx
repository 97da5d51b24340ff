/** The desk's form fields: a label, the control, and what the server said about it. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Choice } from '../../parts/choices';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
  readonly problem?: string | undefined;
}

interface TextFieldProps extends FieldProps {
  readonly type?: 'text' | 'search' | 'email' | 'date' | 'datetime-local' | 'number';
  readonly min?: string;
  readonly inputRef?: (input: HTMLInputElement | null) => void;
}

interface Described {
  readonly id: string;
  readonly describedBy: string | undefined;
}

function useDescribed(hint: string | undefined, problem: string | undefined): Described {
  const id = useId();
  const says = [hint === undefined ? '' : `${id}-hint`, problem === undefined ? '' : `${id}-problem`];
  const describedBy = says.filter((part) => part !== '').join(' ');
  return { id, describedBy: describedBy === '' ? undefined : describedBy };
}

interface AroundProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly problem: string | undefined;
  readonly children: ComponentChildren;
}

function Around({ id, label, hint, problem, children }: AroundProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint soft" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem === undefined ? null : (
        <p class="hint red" id={`${id}-problem`}>
          {problem}
        </p>
      )}
      {children}
    </div>
  );
}

export function TextField({ label, value, onValue, hint, problem, type = 'text', min, inputRef }: TextFieldProps) {
  const { id, describedBy } = useDescribed(hint, problem);
  // Preact's types want the kind written out; to the browser it is one attribute.
  const kind = { type } as { type: 'text' };
  return (
    <Around id={id} label={label} hint={hint} problem={problem}>
      <input
        id={id}
        {...kind}
        lang={type.startsWith('date') ? 'en-GB' : undefined}
        value={value}
        min={min}
        ref={inputRef}
        autocomplete="off"
        aria-describedby={describedBy}
        aria-invalid={problem === undefined ? undefined : 'true'}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Around>
  );
}

/**
 * A day of the calendar. Every browser writes it in its own order, so beneath stands what was chosen, in words.
 */
export function DateField({ time = false, value, hint = '', ...field }: Omit<TextFieldProps, 'type'> & { readonly time?: boolean }) {
  const chosen = saidChosen(value);
  const order = time ? 'Day, month, year, and the time' : 'Day, month, year';
  return <TextField {...field} type={time ? 'datetime-local' : 'date'} value={value} hint={`${hint}${hint === '' ? '' : '. '}${chosen ?? order}`} />;
}

/** "Fri, 27 Nov 2026", with the time where there is one; null for what is no date. */
function saidChosen(value: string): string | null {
  const at = new Date(value.includes('T') ? value : `${value}T12:00:00`);
  if (value === '' || Number.isNaN(at.getTime())) return null;
  const day = at.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  return value.includes('T') ? `${day}, ${value.slice(11, 16)}` : day;
}

export function AreaField({ label, value, onValue, hint, problem }: FieldProps) {
  const { id, describedBy } = useDescribed(hint, problem);
  return (
    <Around id={id} label={label} hint={hint} problem={problem}>
      <textarea
        id={id}
        rows={3}
        maxLength={4_000}
        value={value}
        aria-describedby={describedBy}
        aria-invalid={problem === undefined ? undefined : 'true'}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Around>
  );
}

interface SelectFieldProps extends FieldProps {
  readonly choices: readonly Choice[];
}

export function SelectField({ label, value, onValue, hint, problem, choices }: SelectFieldProps) {
  const { id, describedBy } = useDescribed(hint, problem);
  // An address may name a choice the lists no longer have; it must show, not turn silently into another.
  const known = choices.some(({ code }) => code === value);
  return (
    <Around id={id} label={label} hint={hint} problem={problem}>
      <select
        id={id}
        value={value}
        aria-describedby={describedBy}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {known ? null : <option value={value}>{value}</option>}
        {choices.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </Around>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
}

export function Check({ label, checked, onChecked }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChecked(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}
