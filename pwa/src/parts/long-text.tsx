import { useId } from 'preact/hooks';

/** The most the council's server takes in one text. */
const MOST_CHARACTERS = 4000;

interface LongTextProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function LongText({ label, value, onValue }: LongTextProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={3}
        maxLength={MOST_CHARACTERS}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </div>
  );
}
