/** Fills a form with what was typed and chosen on this device before, and keeps what is typed and chosen now. */
import type { DeviceDraft, Values } from './device-draft';

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Answers of the page itself that mean nothing on another, and the field that nobody sees. */
const PASSING = new Set(['choice', 'same', 'looked_for', 'form']);

export function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>('input[name], textarea[name]')].filter(
    (field) => field.type !== 'file' && field.closest('.trap') === null && !PASSING.has(field.name),
  );
}

const isChoice = (field: Field): field is HTMLInputElement => field.type === 'radio' || field.type === 'checkbox';

export function valuesOf(fields: readonly Field[]): Values {
  const values: Values = {};
  for (const field of fields) {
    const chosen = (values[field.name] ??= []);
    if (isChoice(field) ? field.checked : field.value !== '') chosen.push(field.value);
  }
  return values;
}

const changed = (field: Field): boolean => (isChoice(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);

/** What somebody answered while the page was still starting is newer than what was kept, and stays. */
function fill(fields: readonly Field[], values: Values): void {
  const answered = new Set(fields.filter(changed).map(({ name }) => name));
  for (const field of fields) {
    const kept = values[field.name];
    if (kept === undefined || answered.has(field.name)) continue;
    if (isChoice(field)) field.checked = kept.includes(field.value);
    else field.value = kept[0] ?? '';
  }
}

/** Answers what writes the form down at once, for those who fill in fields by script. */
export function keepTyped(form: HTMLFormElement, draft: DeviceDraft): () => Promise<void> {
  fill(fieldsOf(form), draft.values);
  const note = (): Promise<void> => {
    draft.values = { ...draft.values, ...valuesOf(fieldsOf(form)) };
    return draft.keep();
  };
  form.addEventListener('input', () => void note());
  form.addEventListener('change', () => void note());
  return note;
}
