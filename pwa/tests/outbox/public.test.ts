import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { PUBLIC_NAME } from '../../src/outbox/public-names';
import { PublicRows } from '../../src/outbox/public-rows';
import type { BytesRow } from '../../src/outbox/schema';
import { Council, problem } from '../council';
import { Killed, MortalDb, alterWrites, failOnce, openSignedIn, photoOf, reportInput } from './phone';
import { input, nobody, open } from './resident';

let phones = 0;
const fresh = (): string => `public-${phones++}`;

afterEach(() => void vi.restoreAllMocks());

describe('a resident’s report', () => {
  it('goes from saved to safe in the same words as the crew’s', async () => {
    const outbox = await open(nobody(), fresh());
    const seen = new Set<string>();
    outbox.items.subscribe((items) => items.forEach(({ words }) => seen.add(words)));
    const saved = await outbox.save(input(), [await photoOf('one'), await photoOf('two')], {});
    expect(saved.receiptCode).toMatch(/^\w{5}-\w{5}$/);
    await outbox.sendNow();
    expect([...seen]).toEqual(['Saved on this phone', 'Sending', 'Received by the council', 'Photos 0 of 2 checked', 'Safe, phone copy can go']);
    expect(outbox.waiting.value).toBe(0);
    expect(outbox.items.value[0]?.statusUrl).toBe(`/status/s-${saved.entityId}`);
  });

  it('is not called saved when the phone kept its photo otherwise', async () => {
    const outbox = await open(nobody(), fresh());
    const storage = alterWrites('photo_bytes', (row: BytesRow) => ({ ...row, bytes: new TextEncoder().encode('evidenze').buffer }));
    const saving = outbox.save(input(), [await photoOf('evidence')], {});
    await expect(saving).rejects.toMatchObject({ reason: 'changed', message: /did not keep .* exactly/ });
    storage.mockRestore();
    expect(outbox.items.value).toEqual([]);
  });

  it.each(['removing its draft', 'dropping what it replaces', 'reading the rows again'])('is saved, once, whatever fails after that: %s', async (what) => {
    const council = nobody();
    const outbox = await open(council, fresh());
    const failure = new DOMException('The disk has failed', 'DataError');
    if (what === 'removing its draft') vi.spyOn(outbox.drafts, 'remove').mockRejectedValueOnce(failure);
    if (what === 'dropping what it replaces') vi.spyOn(PublicRows.prototype, 'dropReplaced').mockRejectedValueOnce(failure);
    if (what === 'reading the rows again') failOnce('getAll', 'photos');
    const { opId, entityId } = await outbox.save(input(), [], {});
    await outbox.sendNow();
    expect(outbox.items.value.map((item) => item.opId)).toEqual([opId]);
    expect([...council.publicReports.keys()]).toEqual([entityId]);
  });

  it('arrives as it was saved, photos byte for byte', async () => {
    const council = nobody();
    const outbox = await open(council, fresh());
    const [report, photo] = [input(), await photoOf('evidence')];
    await outbox.save(report, [photo], {});
    await outbox.sendNow();
    const { photos, ...arrived } = JSON.parse(council.publicReports.get(report.id) ?? '{}') as Record<string, unknown>;
    expect(arrived).toEqual(report);
    expect(photos).toMatchObject([{ id: photo.id, sha256: photo.sha256 }]);
    expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
  });

  it('waits in a browser that was closed, and goes from the next', async () => {
    const [council, name, report] = [nobody(), fresh(), input()];
    council.fault = () => 'lost_request';
    const first = await open(council, name);
    await first.save(report, [await photoOf('evidence')], {});
    await first.sendNow();
    expect(first.items.value.map(({ words }) => words)).toEqual(['Saved on this phone']);
    council.fault = () => 'none';
    const second = await open(council, name);
    expect(second.waiting.value).toBe(1);
    await second.sendNow();
    expect([...council.publicReports.keys()]).toEqual([report.id]);
    expect(second.items.value.map(({ state }) => state)).toEqual(['safe']);
  });

  it('is not called safe before the council has checked its photos', async () => {
    const council = nobody();
    council.verifies = false;
    const outbox = await open(council, fresh());
    await outbox.save(input(), [await photoOf('evidence')], {});
    await outbox.sendNow();
    expect(outbox.items.value[0]?.words).toBe('Photos 0 of 1 checked');
    council.verifies = true;
    await outbox.sendNow();
    expect(outbox.items.value[0]?.state).toBe('safe');
  });

  it('goes again when the council has lost it', async () => {
    const council = nobody();
    council.verifies = false;
    const outbox = await open(council, fresh());
    await outbox.save(input(), [await photoOf('evidence')], {});
    await outbox.sendNow();
    const [before, photos] = [[...council.publicReports], [...council.photos]];
    expect(photos).toHaveLength(1);
    council.publicReports.clear();
    council.photos.clear();
    await outbox.sendNow();
    await outbox.sendNow();
    expect([...council.publicReports]).toEqual(before);
    expect([...council.photos]).toEqual(photos);
  });

  it('opens the way for its photos again when that had closed', async () => {
    const council = nobody();
    const outbox = await open(council, fresh());
    const report = input();
    const photo = await photoOf('evidence');
    const { fault } = council;
    council.fault = () => (council.publicReports.size > 0 ? 'lost_request' : 'none');
    await outbox.save(report, [photo], {});
    await outbox.sendNow();
    council.closedTokens.add(`u-${report.id}`);
    council.fault = fault;
    await outbox.sendNow();
    await outbox.sendNow();
    expect(council.photos.has(photo.id)).toBe(true);
    expect(outbox.items.value[0]?.state).toBe('safe');
  });

  it('needs its sender when the council cannot take it, and gives way once it was mended', async () => {
    const council = nobody();
    const said = 'This is outside the area we serve';
    council.publicRefusal = () => ({ ...problem(422, 'outside_area'), detail: said });
    const outbox = await open(council, fresh());
    const [report, photo] = [input(), await photoOf('evidence')];
    await outbox.save(report, [photo, await photoOf('another')], { kept: 'form' });
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({ state: 'needs_you', note: said, problemCode: 'outside_area', form: { kept: 'form' } });
    council.publicRefusal = () => null;
    await outbox.save({ ...report, where: 'By the bridge' }, [photo], {});
    expect(outbox.items.value).toHaveLength(1);
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({ state: 'safe', photos: { expected: 1, verified: 1 } });
    expect(council.photos.size).toBe(1);
  });

  it('is put off and stays when the council asks for patience', async () => {
    const council = nobody();
    council.publicRefusal = () => ({ ...problem(429, 'too_many_requests'), detail: 'Wait a while' });
    const outbox = await open(council, fresh());
    await outbox.save(input(), [], {});
    await outbox.sendNow();
    expect(outbox.notice.value).toBe('Wait a while');
    expect(outbox.items.value[0]?.state).toBe('saved');
  });

  it('never meets what the crew saves on the same phone', async () => {
    const council = new Council();
    const crew = await openSignedIn(council, fresh());
    const resident = await open(council, PUBLIC_NAME);
    await resident.save(input(), [], {});
    await crew.outbox.saveReport(reportInput(), []);
    await crew.outbox.sendNow();
    expect([council.applied.size, council.publicReports.size]).toEqual([1, 0]);
    expect(await crew.outbox.signOut()).toEqual({ ok: true });
    expect(resident.waiting.value).toBe(1);
    await resident.sendNow();
    expect([council.applied.size, council.publicReports.size]).toEqual([1, 1]);
  });

  it('leaves nothing on the phone when its sender takes it off', async () => {
    const name = fresh();
    const outbox = await open(nobody(), name);
    const photo = await photoOf('evidence');
    const { opId } = await outbox.save(input(), [photo], {});
    await outbox.forget(opId);
    expect(outbox.items.value).toEqual([]);
    expect(await outbox.photo(photo.id)).toBeNull();
  });

  it('arrives once, whatever is lost or killed, and again when the council was put back to a backup', async () => {
    const faults = ['none', 'lost_request', 'lost_reply', 'portal', 'bad_gateway'] as const;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...faults), { maxLength: 8 }), fc.nat(20), fc.boolean(), async (lost, steps, after) => {
        const [council, name, report] = [nobody(), fresh(), input()];
        const photo = await photoOf('evidence');
        let call = 0;
        council.fault = () => lost[call++] ?? 'none';
        const saved = await open(council, name, { db: new MortalDb(name, steps + 1, after) })
          .then(async (outbox) => {
            await outbox.save(report, [photo], {});
            await outbox.sendNow().catch(() => undefined);
            return true;
          })
          .catch((error: unknown) => {
            if (!(error instanceof Killed) && !(error instanceof Error)) throw error;
            return false;
          });
        const next = await open(council, name);
        const kept = next.items.value.length === 1;
        if (saved) expect(kept).toBe(true);
        for (let round = 0; round < 12 && next.waiting.value > 0; round++) await next.sendNow();
        expect(council.publicReports.size).toBe(kept ? 1 : 0);
        if (kept) expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
        // The council is put back to last night's backup; the phone asks the next day.
        council.publicReports.clear();
        council.photos.clear();
        council.fault = () => 'none';
        const later = await open(council, name, { now: () => Date.now() + 86_400_000 });
        for (let round = 0; round < 3; round++) await later.sendNow();
        expect(council.publicReports.size).toBe(kept ? 1 : 0);
        if (kept) expect(council.photos.get(photo.id)).toEqual(new Uint8Array(photo.bytes));
      }),
      { numRuns: 40 },
    );
  });
});
