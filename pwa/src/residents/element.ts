/** An element with its class and its words. */
export function element<K extends keyof HTMLElementTagNameMap>(name: K, className = '', text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}

/** A button beside the one that goes on. */
export function secondButton(words: string, act: () => void): HTMLButtonElement {
  const made = element('button', 'govuk-button govuk-button--secondary', words);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}
