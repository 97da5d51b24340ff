// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { PublicOutbox } from '../../src/outbox/public';
import type { DeviceDraft } from '../../src/residents/device-draft';
import { runOfflineForm } from '../../src/residents/offline-form';

const RULES = { council: 'demo', kinds: {}, hazardOfWaste: {}, hazardOfCategory: {}, missing: {}, longest: {} };
const WHOLE = { category: ['needles'], typed: ['Folly Lane'], witnessed: ['no'], contact: ['no'] };

function page(save: () => Promise<{ receiptCode: string }>): HTMLFormElement {
  document.body.innerHTML =
    '<section class="waiting"></section><main><form hidden><div class="field"><input id="category"></div><button id="save">Save report</button></form></main>';
  const form = document.querySelector('form');
  if (form === null) throw new Error('no form');
  form.dataset.offline = JSON.stringify(RULES);
  const draft = { reportId: 'r', values: WHOLE, photos: [], fields: {} } as unknown as DeviceDraft;
  runOfflineForm(form, draft, { save } as unknown as PublicOutbox, () => Promise.resolve());
  return form;
}

const persist = vi.fn(() => Promise.resolve(true));

beforeEach(() => {
  persist.mockClear();
  Object.defineProperty(navigator, 'storage', { configurable: true, value: { persist, persisted: () => Promise.resolve(false) } });
});

describe('saving the form without signal', () => {
  it('says that the phone could not keep it at the button, and blames no answer', async () => {
    const form = page(() => Promise.reject(new Error('This phone is full.')));
    form.dispatchEvent(new Event('submit', { cancelable: true }));
    await expect.poll(() => document.querySelector('[data-problems] a')?.textContent).toBe('This phone is full.');
    expect(document.querySelector('[data-problems] a')?.getAttribute('href')).toBe('#save');
    expect(document.querySelector('.govuk-form-group--error')).toBeNull();
  });

  it('tells what was saved before what waits', async () => {
    const form = page(() => Promise.resolve({ receiptCode: 'AB12-CD34' }));
    form.dispatchEvent(new Event('submit', { cancelable: true }));
    await expect.poll(() => document.querySelector('.govuk-panel .code')?.textContent).toBe('AB12-CD34');
    expect([...document.body.children].map(({ className, localName }) => className || localName)).toEqual(['main', 'waiting']);
  });

  it('asks the browser to keep what is on this phone once something is, and not before', async () => {
    const save = vi.fn<() => Promise<{ receiptCode: string }>>(() => Promise.reject(new Error('This phone is full.')));
    const form = page(save);
    form.dispatchEvent(new Event('submit', { cancelable: true }));
    await expect.poll(() => document.querySelector('[data-problems] a')?.textContent).toBe('This phone is full.');
    expect(persist).not.toHaveBeenCalled();
    save.mockImplementation(() => Promise.resolve({ receiptCode: 'AB12-CD34' }));
    form.dispatchEvent(new Event('submit', { cancelable: true }));
    await expect.poll(() => document.querySelector('.govuk-panel .code')?.textContent).toBe('AB12-CD34');
    await vi.waitFor(() => expect(persist).toHaveBeenCalledOnce());
  });
});
