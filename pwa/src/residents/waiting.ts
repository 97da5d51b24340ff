/** "Waiting to send": what residents saved on this phone, where each is, and what they can do about it. */
import { effect } from '@preact/signals-core';

import type { PublicItem, PublicOutbox } from '../outbox/public';
import { sayTime } from '../shared/time';

const ZONE = 'Europe/London';

export interface WaitingActs {
  /** Puts a refused report back into the form. */
  mend: (item: PublicItem) => void;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function button(words: string, about: string, act: () => void): HTMLButtonElement {
  const made = element('button', 'button quiet', words);
  made.type = 'button';
  made.append(element('span', 'unseen', ` ${about}`));
  made.addEventListener('click', act);
  return made;
}

function row(item: PublicItem, outbox: PublicOutbox, acts: WaitingActs): HTMLElement {
  const line = element('li', item.state);
  const code = item.receiptCode ?? '';
  const head = element('p', '');
  head.append(element('strong', 'code', code), ` saved ${sayTime(item.savedAt, new Date(), ZONE)}`);
  line.append(head, element('p', 'state', item.words));
  if (item.note !== null) line.append(element('p', 'problem', item.note));
  if (item.statusUrl !== null) {
    const follow = element('a', '', 'Follow this report');
    follow.href = item.statusUrl;
    follow.append(element('span', 'unseen', ` ${code}`));
    line.append(follow);
  }
  if (item.state === 'needs_you') line.append(button('Change it', code, () => acts.mend(item)));
  if (item.state === 'safe' || item.state === 'needs_you') {
    line.append(button('Remove from this phone', code, () => void outbox.forget(item.opId)));
  }
  return line;
}

/** Puts the panel above the page's own content, and keeps it true. */
export function showWaiting(outbox: PublicOutbox, acts: WaitingActs): void {
  const part = element('section', 'waiting');
  part.setAttribute('aria-labelledby', 'waiting-title');
  const title = element('h2', '');
  title.id = 'waiting-title';
  const list = element('ul', 'plain');
  const said = element('p', 'hint');
  const now = element('button', 'button secondary', 'Send now');
  now.type = 'button';
  now.addEventListener('click', () => void outbox.sendNow());
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
