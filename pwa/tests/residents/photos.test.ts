// @vitest-environment happy-dom
import { expect, it } from 'vitest';

import type { NewPhoto } from '../../src/outbox/types';
import type { DeviceDraft } from '../../src/residents/device-draft';
import { showPhotos } from '../../src/residents/photos';

const MB = 1024 * 1024;

/** A form whose photos are chosen on a phone with this much room left, and so much more once what was checked gave way. */
function choose(room: number, files: File[], checked = 0) {
  let free = room;
  const estimate = (): Promise<StorageEstimate> => Promise.resolve({ quota: 1_000 * MB, usage: 1_000 * MB - free });
  Object.defineProperty(navigator, 'storage', { configurable: true, value: { estimate } });
  document.body.innerHTML = '<form><input type="file" data-photos><ul data-previews></ul></form>';
  const form = document.querySelector('form');
  const input = document.querySelector('input');
  if (form === null || input === null) throw new Error('no form');
  const draft = { photos: [] as NewPhoto[], keep: () => Promise.resolve(), freeChecked: () => Promise.resolve((free += checked)) };
  showPhotos(form, draft as unknown as DeviceDraft);
  const chosen = new DataTransfer();
  files.forEach((file) => chosen.items.add(file));
  input.files = chosen.files;
  input.dispatchEvent(new Event('change'));
  return { draft, said: () => document.querySelector('[role=status]')?.textContent ?? '' };
}

const picture = (): File => new File([Uint8Array.of(0xff, 0xd8, 0xff, 1)], 'tip.jpg', { type: 'image/jpeg' });

it('takes a resident’s photo in while the phone has room for it', async () => {
  const { draft, said } = choose(50 * MB, [picture()]);
  await expect.poll(said).toBe('1 photo chosen.');
  expect(draft.photos).toHaveLength(1);
});

it('takes none on a phone that is nearly full, and says that the report still saves', async () => {
  const { draft, said } = choose(50 * MB - 1, [picture()]);
  await expect.poll(said).toMatch(/^Phone nearly full: the photo was not taken in. The report itself still saves/);
  expect(draft.photos).toEqual([]);
});

it('takes it in when photos that the council has checked can give way', async () => {
  const { draft, said } = choose(50 * MB - 1, [picture()], 1);
  await expect.poll(said).toBe('1 photo chosen.');
  expect(draft.photos).toHaveLength(1);
});
