/** Without signal a form sent off is a page lost: look first, and lead to the form that can be saved on this phone. */
import { element } from './element';

const PATIENCE_MS = 10_000;
const SAID = 'We cannot reach the council just now, so this was not sent. What you typed is kept on this phone.';

/** Whether the council's own server answers; a captive portal's page does not count. */
export async function reachable(): Promise<boolean> {
  if (!navigator.onLine) return false;
  try {
    const nonce = crypto.randomUUID();
    const answer = await fetch(`/api/v1/sync/ping?nonce=${nonce}`, { cache: 'no-store', redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok && ((await answer.json()) as { nonce?: string }).nonce === nonce;
  } catch {
    return false;
  }
}

function warning(offline: string): HTMLElement {
  const said = element('div', 'govuk-inset-text');
  said.setAttribute('role', 'alert');
  const again = 'Press the button again when you have signal';
  said.append(element('p', 'govuk-body', offline === '' ? `${SAID} ${again}.` : `${SAID} ${again}, or:`));
  if (offline !== '') {
    const way = element('a', 'govuk-button govuk-button--secondary', 'Save it on this phone, to be sent later');
    way.href = offline;
    said.append(way);
  }
  return said;
}

/** `offline`: where the form without signal is; empty where there is none for this form. */
export function lookBeforeSending(form: HTMLFormElement, offline: string, kept: () => Promise<void>): void {
  let sure = false;
  let asking = false;
  let said: HTMLElement | null = null;
  form.addEventListener('submit', (event) => {
    if (sure) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    void Promise.all([reachable(), kept()]).then(([reached]) => {
      asking = false;
      said?.remove();
      if (!reached) {
        said = warning(offline);
        form.append(said);
        return;
      }
      sure = true;
      form.requestSubmit(event.submitter instanceof HTMLElement ? event.submitter : null);
    });
  });
  // Back from the next page, by the browser's own memory: the question is asked anew.
  window.addEventListener('pageshow', () => (sure = false));
}
