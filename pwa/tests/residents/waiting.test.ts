// @vitest-environment happy-dom
import { signal } from '@preact/signals-core';
import { expect, it } from 'vitest';

import type { PublicItem, PublicOutbox } from '../../src/outbox/public';
import { showWaiting } from '../../src/residents/waiting';

const REFUSAL = { opId: 'o', type: 'report.create', title: 'No', detail: null, errors: {}, text: '', photoIds: [] } as const;

it.each([
  ['what the council refused', REFUSAL, ['Change it', 'Remove from this phone']],
  ['a photo that nobody has any more: its report is at the council, and stays as it came', null, ['Remove from this phone']],
])('offers to change only a refused report: %s', (_what, refused, offered) => {
  document.body.innerHTML = '<main></main>';
  const item = { state: 'needs_you', refused, savedAt: '2026-11-20T08:00:00Z', receiptCode: 'AB12-CD34', words: '', note: null, statusUrl: null };
  const outbox = { items: signal([item as unknown as PublicItem]), waiting: signal(1), reach: signal('reached'), notice: signal(null) };
  showWaiting(outbox as unknown as PublicOutbox, { mend: () => undefined });
  expect([...document.querySelectorAll('li button')].map(({ textContent }) => textContent.replace(' AB12-CD34', ''))).toEqual(offered);
});
