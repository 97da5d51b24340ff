import { describe, expect, it, vi } from 'vitest';

import { createChoices } from '../../src/capture/choices';
import { createStorageWatch } from '../../src/capture/storage';
import type { DraftFields } from '../../src/capture/types';

const MB = 1024 * 1024;

describe('room on the phone', () => {
  const manager = (quota: number, usage: number) => ({
    estimate: () => Promise.resolve({ quota, usage }),
    persist: vi.fn(() => Promise.resolve(true)),
    persisted: () => Promise.resolve(false),
  });

  it('is called nearly full below 50 MB', async () => {
    const watch = createStorageWatch(manager(1_000 * MB, 951 * MB));
    await watch.look();
    expect(watch.state.value).toMatchObject({ nearlyFull: true, freeBytes: 49 * MB, words: expect.stringMatching(/^Phone nearly full/) as string });
    const roomy = createStorageWatch(manager(1_000 * MB, 950 * MB));
    await roomy.look();
    expect(roomy.state.value).toMatchObject({ nearlyFull: false, words: null });
  });

  it('is made by what can be fetched again first, then by checked photos, and no further than needed', async () => {
    let usage = 990 * MB;
    const order: string[] = [];
    const frees = (name: string, bytes: number) => () => {
      order.push(name);
      usage -= bytes;
      return Promise.resolve();
    };
    const phone = { ...manager(0, 0), estimate: () => Promise.resolve({ quota: 1_000 * MB, usage }) };
    const watch = createStorageWatch(phone, [frees('pictures', 5 * MB), frees('checked photos', 40 * MB), frees('never', 1)]);
    expect(await watch.hasRoom()).toBe(true);
    expect(order).toEqual(['pictures', 'checked photos']);
    usage = 999 * MB;
    expect(await createStorageWatch(phone, [() => Promise.reject(new Error('no caches here'))]).hasRoom()).toBe(false);
  });

  it('is asked to be kept by the browser, once', async () => {
    const asked = manager(1, 0);
    await createStorageWatch(asked).askToPersist();
    expect(asked.persist).toHaveBeenCalledOnce();
    const already = { ...manager(1, 0), persisted: () => Promise.resolve(true) };
    await createStorageWatch(already).askToPersist();
    expect(already.persist).not.toHaveBeenCalled();
  });

  it('is taken for granted where the browser will not say', async () => {
    const watch = createStorageWatch(undefined);
    await watch.look();
    await watch.askToPersist();
    expect(watch.state.value.nearlyFull).toBe(false);
  });
});

describe('last choices', () => {
  const fields = (patch: Partial<DraftFields>) => ({ waste: [], size: null, land: null, ...patch }) as unknown as DraftFields;

  it('are offered first the next time, newest first, on the next page too', () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
    const choices = createChoices(storage);
    choices.remember(fields({ waste: ['tyres'], size: 'single_item' }));
    choices.remember(fields({ waste: ['white_goods'], land: 'highway' }));
    expect(choices.last.value).toEqual({ waste: ['white_goods', 'tyres'], sizes: ['single_item'], land: ['highway'] });
    expect(createChoices(storage).last.value).toEqual(choices.last.value);
  });

  it('cost nothing when they cannot be kept', () => {
    const storage = {
      getItem: () => '{broken',
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    const choices = createChoices(storage);
    choices.remember(fields({ waste: ['tyres'] }));
    expect(choices.last.value.waste).toEqual(['tyres']);
  });
});
