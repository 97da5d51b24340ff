/** "Waiting to send": what residents saved on this phone, where each is, and what they can do about it. */
import { effect } from '@preact/signals-core';

import type { PublicItem, PublicOutbox } from '../outbox/public';
import { sayTime } from '../shared/time';
import { element, secondButton } from './element';

const ZONE = 'Europe/London';

export interface WaitingActs {
  /** Puts a refused report back into the form. */
  mend: (item: PublicItem) => void;
}

function button(words: string, about: string, act: () => void): HTMLButtonElement {
  const made = secondButton(words, act);
  made.append(element('span', 'govuk-visually-hidden', ` ${about}`));
  return made;
}

function row(item: PublicItem, outbox: PublicOutbox, acts: WaitingActs): HTMLElement {
  const line = element('li', item.state);
  const code = item.receiptCode ?? '';
  const head = element('p');
  head.append(element('strong', 'code', code), ` saved ${sayTime(item.savedAt, new Date(), ZONE)}`);
  line.append(head, element('p', 'govuk-!-font-weight-bold', item.words));
  if (item.note !== null) line.append(element('p', 'govuk-error-message', item.note));
  if (item.statusUrl !== null) {
    const follow = element('a', 'govuk-link', 'Follow this report');
    follow.href = item.statusUrl;
    follow.append(element('span', 'govuk-visually-hidden', ` ${code}`));
    line.append(follow);
  }
  if (item.refused !== null) line.append(button('Change it', code, () => acts.mend(item)));
  if (item.state === 'safe' || item.state === 'needs_you') {
    line.append(button('Remove from this phone', code, () => void outbox.forget(item.opId)));
  }
  return line;
}

/** Puts the panel above the page's own content, and keeps it true. */
export function showWaiting(outbox: PublicOutbox, acts: WaitingActs): void {
  const part = element('section', 'waiting');
  part.setAttribute('aria-labelledby', 'waiting-title');
  const title = element('h2', 'govuk-heading-m');
  title.id = 'waiting-title';
  const list = element('ul', 'govuk-list');
  const said = element('p', 'govuk-hint');
  const now = secondButton('Send now', () => void outbox.sendNow());
  part.append(title, list, said, now);
  document.querySelector('main')?.before(part);
  effect(() => {
    const items = outbox.items.value;
    const waiting = outbox.waiting.value;
    part.hidden = items.length === 0;
    title.textContent = waiting > 0 ? `Waiting to send: ${waiting}` : 'Sent from this phone';
    list.replaceChildren(...items.map((item) => row(item, outbox, acts)));
    now.hidden = waiting === 0;
    const away = outbox.reach.value === 'no_network' ? 'The council cannot be reached just now. We keep trying while this page is open.' : '';
    said.textContent = waiting === 0 ? '' : (outbox.notice.value ?? (away || 'Nothing is deleted from this phone until the council has it.'));
  });
}
