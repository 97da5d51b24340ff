import { afterEach, expect, it, vi } from 'vitest';

import { type ResultKeeper, openResult } from '../../src/capture/job-result';
import { SaveError } from '../../src/outbox';
import { Council } from '../council';
import { openSignedIn } from '../outbox/phone';

let phones = 0;

afterEach(() => void vi.restoreAllMocks());

/** A phone on which a job's result is being put together, by a clock that goes before it is `setBack`. */
async function begin(saving: (outbox: ResultKeeper) => Partial<ResultKeeper> = () => ({})) {
  let ahead = 3_600_000;
  const now = (): number => Date.now() + ahead;
  const { outbox } = await openSignedIn(new Council(), `job-result-${phones++}`, { now });
  const keeper = { ...outbox, ...saving(outbox) };
  const parts = { drafts: outbox.drafts, now, thumbnail: () => Promise.resolve(null), hasRoom: () => Promise.resolve(true), saved: vi.fn() };
  const openAgain = async () => {
    const opened = await openResult('j1', { kind: 'clear', label: 'Folly Lane' }, keeper, parts);
    if (opened === null) throw new Error('a known job has a result to tell');
    return opened;
  };
  const draft = await openAgain();
  draft.set({ text: 'Gate locked' });
  await draft.keep();
  const dies = () => vi.spyOn(outbox.drafts, 'remove').mockRejectedValue(new Error('The page was killed'));
  return { outbox, draft, openAgain, dies, setBack: () => void (ahead = 0) };
}

it('is not offered again once it was saved, though the page died right after and the clock was set back before', async () => {
  const { outbox, draft, openAgain, dies, setBack } = await begin();
  setBack();
  dies();
  await draft.save(null);
  expect(outbox.items.value).toHaveLength(1);
  expect(await outbox.drafts.results()).toEqual([]);
  expect((await openAgain()).touched.value).toBe(false);
});

it('is offered though another result of its job was saved by a clock that went before', async () => {
  const { outbox, draft, openAgain, dies, setBack } = await begin();
  dies();
  await draft.save(null);
  setBack();
  const second = await openAgain();
  second.set({ text: 'Gone back' });
  await second.keep();
  expect((await outbox.drafts.results()).map(({ id }) => id)).toEqual([second.id]);
});

it('is not kept while it is being saved, as when the page is hidden meanwhile', async () => {
  const { outbox, draft } = await begin((real) => ({
    saveJobResult: async (...given) => {
      const put = vi.spyOn(outbox.drafts, 'put');
      const saved = await real.saveJobResult(...given);
      draft.set({ text: 'Gate locked.' });
      await draft.keep();
      expect(put).not.toHaveBeenCalled();
      return saved;
    },
  }));
  await draft.save(null);
  expect(await outbox.drafts.get(draft.id)).toBeNull();
});

it('is kept at once when saving it did not work, with what was changed meanwhile', async () => {
  const { outbox, draft } = await begin(() => ({
    saveJobResult: async () => {
      draft.set({ text: 'Gate locked, dog' });
      await draft.keep();
      throw new SaveError('full');
    },
  }));
  await expect(draft.save(null)).rejects.toMatchObject({ reason: 'full' });
  expect((await outbox.drafts.get(draft.id))?.row.fields).toMatchObject({ text: 'Gate locked, dog' });
});
