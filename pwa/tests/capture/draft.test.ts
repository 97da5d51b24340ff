import { signal } from '@preact/signals-core';
import { describe, expect, it, vi } from 'vitest';

import { Draft, type DraftParts, type KeptDraft, type ReportKeeper } from '../../src/capture/draft';
import type { DraftFields, PickedPhoto, PositionReading } from '../../src/capture/types';
import { SaveError } from '../../src/outbox';

const ID = '0b9f3c52-7d1e-4c0a-9a44-6f2f0b1f7a10';
const NOW = Date.parse('2026-11-20T06:42:00Z');
const GPS: PositionReading = {
  state: 'fix',
  position: { lat: 52.5, lon: -1.5, accuracy_m: 8, source: 'gps', fixed_at: '2026-11-20T06:41:58Z' },
  ageS: 2,
  words: 'GPS, 8 m',
  wantsPin: false,
};

function fields(patch: Partial<DraftFields> = {}): DraftFields {
  return {
    kind: 'fly_tip', category: 'fly_tip', seen_at: '2026-11-20T06:42:00Z', description: '', waste: [], size: null, land: null,
    hazards: [], witnessed: false, joins: null, ...patch,
  };
}

function keeper() {
  const drafts = new Map<string, { row: { id: string; updatedAt: string; fields: unknown }; photos: PickedPhoto[] }>();
  const port = {
    drafts: {
      put: vi.fn<ReportKeeper['drafts']['put']>((row, photos) => Promise.resolve(void drafts.set(row.id, { row, photos }))),
      get: (id: string) => Promise.resolve(drafts.get(id) ?? null),
      list: () => Promise.resolve([...drafts.values()].map(({ row }) => row)),
      results: () => Promise.resolve([]),
      remove: (id: string) => Promise.resolve(void drafts.delete(id)),
    },
    saveReport: vi.fn<ReportKeeper['saveReport']>((input) =>
      Promise.resolve({ opId: 'op', entityId: input.id, savedAt: input.seen_at, receiptCode: '1EFKR-MKX3S' }),
    ),
    photo: vi.fn<ReportKeeper['photo']>(() => Promise.resolve(null)),
    freeChecked: () => Promise.resolve(),
  };
  return { port, drafts };
}

function draftWith(patch: Partial<DraftFields> = {}, reading: PositionReading = GPS) {
  const { port, drafts } = keeper();
  const saved = vi.fn<DraftParts['saved']>();
  const parts: DraftParts = { keeper: port, drafts: port.drafts, reading: signal(reading), now: () => NOW, thumbnail: () => Promise.resolve(null), hasRoom: () => Promise.resolve(true), saved };
  return { draft: new Draft(ID, { fields: fields(patch), chosen: null }, parts), port, drafts, saved };
}

const jpeg = (extra: number) => new File([Uint8Array.of(0xff, 0xd8, 0xff, extra)], `${extra}.jpg`, { type: 'image/jpeg' });

describe('a draft', () => {
  it('has its receipt code before anything is sent', () => {
    expect(draftWith().draft.receiptCode).toBe('1EFKR-MKX3S');
  });

  it('is kept with its photos when the camera opens and when they are picked', async () => {
    const { draft, drafts } = draftWith();
    await draft.keep();
    expect(drafts.get(ID)?.photos).toEqual([]);
    expect(await draft.addPhotos([jpeg(1), jpeg(2)])).toEqual([]);
    expect(drafts.get(ID)?.photos).toHaveLength(2);
    expect(draft.photos.value.map(({ size }) => size)).toEqual([4, 4]);
    draft.removePhoto(draft.photos.value[0]?.id ?? '');
    await draft.keep();
    expect(drafts.get(ID)?.photos).toHaveLength(1);
  });

  it('keeps each change shortly after it was made', () => {
    vi.useFakeTimers();
    const { draft, port } = draftWith();
    draft.set({ description: 'a' });
    draft.toggle('waste', 'tyres');
    vi.advanceTimersByTime(600);
    expect(port.drafts.put).toHaveBeenCalledTimes(1);
    expect((port.drafts.put.mock.calls[0]?.[0].fields as KeptDraft).fields).toMatchObject({ description: 'a', waste: ['tyres'] });
    draft.toggle('waste', 'tyres');
    expect(draft.fields.value.waste).toEqual([]);
    vi.useRealTimers();
  });

  it('saves with the best fix, the chosen place winning over it', async () => {
    const { draft, port, saved } = draftWith({ size: 'single_item' });
    expect(draft.positionWords.value).toBe('GPS, 8 m');
    await draft.save();
    expect(port.saveReport.mock.calls[0]?.[0]).toEqual({ id: ID, ...fields({ size: 'single_item' }), position: GPS.position });
    expect(saved).toHaveBeenCalledOnce();

    const pinned = draftWith().draft;
    pinned.placePin(52.51, -1.52);
    expect(pinned.positionWords.value).toBe('Pin you placed');
    expect(pinned.position.value).toEqual({ lat: 52.51, lon: -1.52, accuracy_m: null, source: 'pin', fixed_at: '2026-11-20T06:42:00.000Z' });
    pinned.clearPlace();
    expect(pinned.position.value).toEqual(GPS.position);
  });

  it('takes a typed grid reference or latitude and longitude, and says what to mend', async () => {
    const { draft } = draftWith();
    expect(await draft.typePlace('sp309976')).toMatchObject({ ok: true, gridReference: 'SP 309 976' });
    expect(draft.position.value).toMatchObject({ source: 'typed', accuracy_m: 76 });
    expect(draft.positionWords.value).toBe('SP 309 976, typed');
    expect(await draft.typePlace('52.5755, -1.5445')).toMatchObject({ ok: true, position: { accuracy_m: 12 } });
    expect(await draft.typePlace('48.8566, 2.3522')).toMatchObject({ ok: false, message: /not in Great Britain/ });
    expect(await draft.typePlace('by the bridge')).toMatchObject({ ok: false });
    expect(draft.position.value).toMatchObject({ lat: 52.5755 });
  });

  it('keeps three words for a place with the report, and says that the place is still to be told', async () => {
    const { draft, port } = draftWith();
    const before = draft.position.value;
    expect(await draft.typePlace(' ///Filled.Count.Soap ')).toMatchObject({ ok: false, message: /^\/\/\/filled.count.soap is kept with the report/ });
    expect(draft.position.value).toEqual(before);
    await draft.save();
    expect(port.saveReport.mock.calls[0]?.[0]).toMatchObject({ where: '///filled.count.soap' });
  });

  it('saves without a position, and is stopped only by a missing category', async () => {
    const nowhere = { ...GPS, state: 'denied', position: null, wantsPin: true } as const;
    const { draft, port } = draftWith({ category: '' }, nowhere);
    expect(draft.blocked.value).toBe('Choose what it is, then save.');
    await expect(draft.save()).rejects.toThrow();
    draft.set({ category: 'graffiti', kind: 'incident' });
    expect(draft.blocked.value).toBeNull();
    expect(draft.wantsPin.value).toBe(true);
    await draft.save();
    expect(port.saveReport.mock.calls[0]?.[0].position).toBeNull();
  });

  it('stays when saving fails, and can be saved again', async () => {
    const { draft, port, drafts } = draftWith();
    await draft.keep();
    port.saveReport.mockRejectedValueOnce(new SaveError('full'));
    await expect(draft.save()).rejects.toMatchObject({ reason: 'full' });
    expect(drafts.has(ID)).toBe(true);
    await expect(draft.save()).resolves.toMatchObject({ receiptCode: '1EFKR-MKX3S' });
  });

  it('is not kept while it is being saved, and is at once when that failed', async () => {
    const { draft, port, drafts } = draftWith();
    port.saveReport.mockImplementationOnce(async () => {
      draft.set({ description: 'meanwhile' });
      await draft.keep();
      expect(port.drafts.put).not.toHaveBeenCalled();
      throw new SaveError('full');
    });
    await expect(draft.save()).rejects.toMatchObject({ reason: 'full' });
    expect((drafts.get(ID)?.row.fields as KeptDraft).fields.description).toBe('meanwhile');
  });

  it('saves with every photo picked, also those still being read', async () => {
    const { draft, port } = draftWith();
    const adding = [draft.addPhotos([jpeg(1)]), draft.addPhotos([jpeg(1), jpeg(2)])];
    await draft.save();
    expect(port.saveReport.mock.calls[0]?.[1]).toHaveLength(2);
    expect((await Promise.all(adding)).flat()).toEqual(['1.jpg is here already.']);
  });

  it('is not kept again once it was saved or discarded', async () => {
    const { draft, port, drafts } = draftWith();
    await draft.save();
    await draft.keep();
    expect(port.drafts.put).not.toHaveBeenCalled();
    const thrown = draftWith();
    await thrown.draft.keep();
    await thrown.draft.discard();
    expect(thrown.drafts.size).toBe(0);
    expect(drafts.size).toBe(0);
  });
});
