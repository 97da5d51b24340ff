/** Errors as the pages show them: a summary on top with links, and each beside its field. */
export function markProblems(form: HTMLFormElement, problems: Readonly<Record<string, string>>): void {
  clear(form);
  const fields = Object.keys(problems);
  if (fields.length === 0) return;
  for (const field of fields) mark(form, field, problems[field] ?? '');
  const summary = document.createElement('div');
  summary.className = 'summary';
  summary.tabIndex = -1;
  summary.setAttribute('role', 'alert');
  summary.setAttribute('aria-labelledby', 'summary-title');
  summary.dataset.summary = '';
  const title = document.createElement('h2');
  title.id = 'summary-title';
  title.textContent = 'There is a problem';
  const list = document.createElement('ul');
  list.className = 'plain';
  list.append(...fields.map((field) => line(field, problems[field] ?? '')));
  summary.append(title, list);
  form.before(summary);
  summary.focus();
}

function clear(form: HTMLFormElement): void {
  document.querySelector('[data-summary]')?.remove();
  form.querySelectorAll('.problem').forEach((one) => one.remove());
  form.querySelectorAll('.field.wrong').forEach((one) => one.classList.remove('wrong'));
  form.querySelectorAll('[aria-invalid]').forEach((one) => one.removeAttribute('aria-invalid'));
}

function line(field: string, words: string): HTMLElement {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = `#${field}`;
  link.textContent = words;
  item.append(link);
  return item;
}

function mark(form: HTMLFormElement, field: string, words: string): void {
  const input = form.querySelector<HTMLElement>(`#${field}`);
  const part = input?.closest<HTMLElement>('.field');
  if (!input || !part) return;
  part.classList.add('wrong');
  const said = document.createElement('p');
  said.className = 'problem';
  said.id = `${field}-problem`;
  const unseen = document.createElement('span');
  unseen.className = 'unseen';
  unseen.textContent = 'Error: ';
  said.append(unseen, words);
  const described = part instanceof HTMLFieldSetElement ? part : input;
  const ids = (described.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== '' && id !== said.id);
  described.setAttribute('aria-describedby', [...ids, said.id].join(' '));
  if (described === input) input.setAttribute('aria-invalid', 'true');
  part.querySelector(':scope > label, :scope > legend')?.after(said);
}
