/** Errors as the pages show them, in the markup of GOV.UK Frontend: a summary on top with links, and each beside its field. */
import { startComponents } from './components';
import { element } from './element';

const WRONG = 'govuk-form-group--error';

/** What a kind of field is marked with. */
function wrongField(input: HTMLElement): string | null {
  const kind = ['govuk-input', 'govuk-textarea', 'govuk-file-upload'].find((name) => input.classList.contains(name));
  return kind === undefined ? null : `${kind}--error`;
}

export function markProblems(form: HTMLFormElement, problems: Readonly<Record<string, string>>): void {
  clear(form);
  const fields = Object.keys(problems);
  if (fields.length === 0) return;
  for (const field of fields) mark(form, field, problems[field] ?? '');
  const list = element('ul', 'govuk-list govuk-error-summary__list');
  list.append(...fields.map((field) => line(field, problems[field] ?? '')));
  const body = element('div', 'govuk-error-summary__body');
  body.append(list);
  const alert = element('div');
  alert.setAttribute('role', 'alert');
  alert.append(element('h2', 'govuk-error-summary__title', 'There is a problem'), body);
  const summary = element('div', 'govuk-error-summary');
  summary.dataset.module = 'govuk-error-summary';
  summary.append(alert);
  const place = element('div');
  place.dataset.problems = '';
  place.append(summary);
  form.before(place);
  startComponents(place);
}

function clear(form: HTMLFormElement): void {
  document.querySelector('[data-problems]')?.remove();
  for (const said of form.querySelectorAll('.govuk-error-message')) {
    const described = form.querySelector(`[aria-describedby~="${said.id}"]`);
    const others = described === null ? [] : descriptions(described).filter((id) => id !== said.id);
    if (others.length > 0) described?.setAttribute('aria-describedby', others.join(' '));
    else described?.removeAttribute('aria-describedby');
    said.remove();
  }
  for (const group of form.querySelectorAll(`.${WRONG}`)) group.classList.remove(WRONG);
  for (const input of form.querySelectorAll<HTMLElement>('input, textarea')) {
    const wrong = wrongField(input);
    if (wrong !== null) input.classList.remove(wrong);
  }
}

function descriptions(described: Element): string[] {
  return (described.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== '');
}

function line(field: string, words: string): HTMLElement {
  const item = element('li');
  const link = element('a', '', words);
  link.href = `#${field}`;
  item.append(link);
  return item;
}

function mark(form: HTMLFormElement, field: string, words: string): void {
  const input = form.querySelector<HTMLElement>(`#${field}`);
  const group = input?.closest<HTMLElement>('.govuk-form-group');
  if (!input || !group) return;
  group.classList.add(WRONG);
  const wrong = wrongField(input);
  if (wrong !== null) input.classList.add(wrong);
  const said = element('p', 'govuk-error-message');
  said.id = `${field}-error`;
  said.append(element('span', 'govuk-visually-hidden', 'Error:'), ` ${words}`);
  const described = group.querySelector('fieldset') ?? input;
  described.setAttribute('aria-describedby', [...descriptions(described), said.id].join(' '));
  // The choices of a fieldset stand together in one part.
  (input.closest('.govuk-radios, .govuk-checkboxes') ?? input).before(said);
}
