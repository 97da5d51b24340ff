/** "Already reported near here": shown as soon as the place is known, each with a "me too". */
import { element } from './element';

export interface Near {
  readonly id: string;
  readonly words: string;
}

function choice(value: string, words: string, place: number): HTMLElement {
  const line = element('div', 'govuk-radios__item');
  const input = element('input', 'govuk-radios__input');
  Object.assign(input, { type: 'radio', name: 'same', value, id: `same-${place}` });
  const label = element('label', 'govuk-label govuk-radios__label', words);
  label.htmlFor = input.id;
  line.append(input, label);
  return line;
}

export function showNear(form: HTMLFormElement, near: readonly Near[]): void {
  form.querySelector('[data-near]')?.remove();
  const button = form.querySelector(':scope > button[type=submit]');
  if (near.length === 0 || button === null) return;
  const hint = element('div', 'govuk-hint', 'If it is one of these, choose it: your report and photos go with it and still help.');
  const choices = element('div', 'govuk-radios');
  const lines = near.map(({ id, words }, place) => choice(id, `Me too: ${words}`, place));
  choices.append(...lines, choice('none', 'No, it is something else', near.length));
  const part = element('fieldset', 'govuk-fieldset');
  part.append(element('legend', 'govuk-fieldset__legend govuk-fieldset__legend--m', 'Already reported near here'), hint, choices);
  const group = element('div', 'govuk-form-group');
  group.dataset.near = '';
  group.append(part);
  button.before(group);
}
