/** "Already reported near here": shown as soon as the place is known, each with a "me too". */

export interface Near {
  readonly id: string;
  readonly words: string;
}

function choice(value: string, words: string, place: number): HTMLElement {
  const line = document.createElement('div');
  line.className = 'choice';
  const input = document.createElement('input');
  Object.assign(input, { type: 'radio', name: 'same', value, id: `same-${place}` });
  const label = document.createElement('label');
  label.htmlFor = input.id;
  label.textContent = words;
  line.append(input, label);
  return line;
}

export function showNear(form: HTMLFormElement, near: readonly Near[]): void {
  form.querySelector('[data-near]')?.remove();
  const button = form.querySelector(':scope > .button[type=submit]');
  if (near.length === 0 || button === null) return;
  const part = document.createElement('fieldset');
  part.className = 'field';
  part.dataset.near = '';
  const legend = document.createElement('legend');
  legend.textContent = 'Already reported near here';
  const hint = document.createElement('p');
  hint.className = 'hint';
  hint.textContent = 'If it is one of these, choose it: your report and photos go with it and still help.';
  const lines = near.map(({ id, words }, place) => choice(id, `Me too: ${words}`, place));
  part.append(legend, hint, ...lines, choice('none', 'No, it is something else', near.length));
  button.before(part);
}
