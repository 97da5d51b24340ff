/** Without signal a form sent off is a page lost: say so instead, and keep everything where it is. */

const WORDS =
  'You have no signal, so this was not sent. Nothing is lost: keep this page open, and press the button again when you have signal.';

export function warnWithoutSignal(form: HTMLFormElement): void {
  const said = document.createElement('p');
  said.className = 'note';
  said.setAttribute('role', 'alert');
  form.addEventListener('submit', (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    said.textContent = WORDS;
    form.append(said);
  });
  window.addEventListener('online', () => {
    if (said.isConnected) said.textContent = 'You have signal again. Press the button to send this.';
  });
}
