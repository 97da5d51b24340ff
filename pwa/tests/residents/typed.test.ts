// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';

import type { DeviceDraft, Values } from '../../src/residents/device-draft';
import { keepTyped } from '../../src/residents/typed';

const field = (selector: string): HTMLInputElement => {
  const found = document.querySelector<HTMLInputElement>(selector);
  if (found === null) throw new Error(`no ${selector}`);
  return found;
};

/** The page's script starts only now, with what was kept of an earlier page. */
async function start(kept: Values): Promise<Values> {
  const draft = { values: kept, keep: () => Promise.resolve() } as unknown as DeviceDraft;
  const form = document.querySelector('form');
  if (form === null) throw new Error('no form');
  await keepTyped(form, draft)();
  return draft.values;
}

beforeEach(() => {
  document.body.innerHTML = `<form><input name="email"><input name="phone" value="01632 960001">
    <input type="radio" name="contact" value="yes"><input type="radio" name="contact" value="no"></form>`;
});

describe('what was kept, on a page that starts slowly', () => {
  it('leaves what was typed and chosen meanwhile, and keeps it', async () => {
    field('[name=email]').value = 'pat@example.com';
    field('[value=yes]').checked = true;
    const kept = await start({ email: [], contact: ['no'] });
    expect(field('[name=email]').value).toBe('pat@example.com');
    expect(field('[value=yes]').checked).toBe(true);
    expect(kept).toMatchObject({ email: ['pat@example.com'], contact: ['yes'] });
  });

  it('fills in what nobody has answered yet', async () => {
    await start({ email: ['pat@example.com'], phone: ['01632 960002'], contact: ['no'] });
    expect(field('[name=email]').value).toBe('pat@example.com');
    expect(field('[name=phone]').value).toBe('01632 960002');
    expect(field('[value=no]').checked).toBe(true);
  });
});
