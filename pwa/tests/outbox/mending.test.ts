import { describe, expect, it } from 'vitest';

import { Db } from '../../src/outbox';
import type { OpResult, WireOp } from '../../src/wire/types';
import { Council, OTHER, problem } from '../council';
import { openPage, openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `mending-${phones++}`;

const refusal = { ...problem(422, 'invalid_payload', 'The council could not take this'), errors: { category: ['Unknown.'] } };
const refuse = ({ op_id }: WireOp): OpResult => ({ op_id, verdict: 'rejected', problem: refusal });

describe('a refused report', () => {
  it('is said anew under its own id by a new operation, and the old one is kept out of sight', async () => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    const input = reportInput({ category: 'nonsense' });
    const [good, bad] = [await photoOf('good'), await photoOf('bad')];
    council.verdictFor = (op) => (op.payload.includes('nonsense') ? refuse(op) : null);
    const first = await outbox.saveReport(input, [good, bad]);
    await outbox.sendNow();
    expect(outbox.items.value[0]?.refused).toMatchObject({ opId: first.opId, type: 'report.create', errors: { category: ['Unknown.'] } });

    const second = await outbox.saveReport({ ...input, category: 'fly_tip' }, [good]);
    await outbox.sendNow();
    expect(second.entityId).toBe(input.id);
    expect(second.opId).not.toBe(first.opId);
    expect([...council.applied.keys()]).toEqual([second.opId]);
    expect([...council.photos.keys()]).toEqual([good.id]);
    expect(outbox.items.value).toMatchObject([{ id: input.id, state: 'safe', refused: null, waiting: false, photos: { expected: 1 } }]);
    expect(await db.run((handle) => handle.get('ops', first.opId))).toMatchObject({ state: 'superseded', supersededBy: second.opId });
    expect(await outbox.photo(bad.id)).not.toBeNull();
  });

  it('takes with it the pin given to it later, and what else was added follows the new operation', async () => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    const input = reportInput({ position: null });
    council.verdictFor = (op) => (op.type === 'report.create' ? refuse(op) : null);
    await outbox.saveReport(input, []);
    const pin = { lat: 52.5, lon: -1.5, accuracy_m: null, source: 'pin', fixed_at: input.seen_at } as const;
    const located = await outbox.locateReport(input.id, pin);
    await outbox.sendNow();
    council.verdictFor = () => null;
    const mended = await outbox.saveReport({ ...input, position: pin }, []);
    await outbox.sendNow();
    expect([...council.applied.keys()]).toEqual([mended.opId]);
    expect(await db.run((handle) => handle.get('ops', located.opId))).toMatchObject({ state: 'superseded' });
    expect(outbox.waiting.value).toBe(0);
  });

  it('may come back under another id when its own was the trouble', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.verdictFor = refuse;
    const first = await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    council.verdictFor = () => null;
    const again = reportInput();
    await outbox.saveReport(again, [], first.opId);
    await outbox.sendNow();
    expect(outbox.items.value.map(({ id, state }) => [id, state])).toEqual([[again.id, 'safe']]);
  });

  it('stays as it was when the mended one could not be kept', async () => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    council.verdictFor = refuse;
    const input = reportInput();
    const photo = await photoOf('evidence');
    await outbox.saveReport(input, [photo]);
    await outbox.sendNow();
    const before = await db.run((handle) => Promise.all([handle.getAll('ops'), handle.getAll('photos'), handle.getAllKeys('photo_bytes')]));
    const broken = { ...(await photoOf('other')), sha256: 'e'.repeat(64) };
    await expect(outbox.saveReport(input, [photo, broken])).rejects.toMatchObject({ reason: 'changed' });
    expect(await db.run((handle) => Promise.all([handle.getAll('ops'), handle.getAll('photos'), handle.getAllKeys('photo_bytes')]))).toEqual(before);
    expect(outbox.items.value[0]?.state).toBe('needs_you');
  });

  it('can be given its pin again when only the pin was refused', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const input = reportInput({ position: null });
    await outbox.saveReport(input, []);
    await outbox.sendNow();
    council.verdictFor = refuse;
    const pin = { lat: 52.5, lon: -1.5, accuracy_m: null, source: 'pin', fixed_at: input.seen_at } as const;
    await outbox.locateReport(input.id, pin);
    await outbox.sendNow();
    expect(outbox.items.value[0]?.refused?.type).toBe('report.locate');
    council.verdictFor = () => null;
    await outbox.locateReport(input.id, { ...pin, lat: 52.6 });
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({ state: 'safe', report: { position: { lat: 52.6 } } });
  });
});

describe('refused job results and notes', () => {
  it('go again with other words and without a photo, and what followed them follows the new one', async () => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    const [good, bad] = [await photoOf('good'), await photoOf('bad')];
    council.verdictFor = (op) => (op.type === 'job.result' ? refuse(op) : null);
    const position = reportInput().position ?? undefined;
    const first = await outbox.saveJobResult('j1', { result: 'cannot', reason: 'x', photos: [good, bad], ...(position && { position }) });
    const note = await outbox.saveNote({ job: 'j1' }, 'Gate');
    await outbox.sendNow();
    expect(outbox.items.value.find(({ id }) => id === first.opId)?.refused).toMatchObject({ text: 'x', photoIds: [good.id, bad.id] });
    council.verdictFor = () => null;
    const again = await outbox.mend(first.opId, { text: 'Locked gate', photoIds: [good.id] });
    await outbox.sendNow();
    await outbox.sendNow();
    expect(JSON.parse(council.applied.get(again.opId)?.payload ?? '')).toMatchObject({
      result: 'cannot', reason: 'Locked gate', position, photos: [{ id: good.id }],
    });
    expect((await db.run((handle) => handle.get('ops', note.opId)))?.after).toBe(again.opId);
    expect(council.applied.has(note.opId)).toBe(true);
    expect(council.applied.has(first.opId)).toBe(false);
    expect(outbox.waiting.value).toBe(0);
  });

  it('cannot be mended twice', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.verdictFor = refuse;
    const first = await outbox.saveNote({ case: 'c1' }, 'Bad');
    await outbox.sendNow();
    council.verdictFor = () => null;
    await outbox.mend(first.opId, { text: 'Good', photoIds: [] });
    await expect(outbox.mend(first.opId, { text: 'Again', photoIds: [] })).rejects.toMatchObject({ reason: 'gone' });
    await outbox.sendNow();
    expect([...council.applied.values()].map(({ payload }) => payload)).toEqual(['{"text":"Good"}']);
  });
});

describe('a photo that cannot be sent', () => {
  it('is left out when the person says so: the report goes on and the council is told', async () => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    const [good, gone] = [await photoOf('good'), await photoOf('gone')];
    const { entityId } = await outbox.saveReport(reportInput(), [good, gone]);
    await db.run((handle) => handle.delete('photo_bytes', gone.id));
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({ state: 'needs_you', waiting: true });
    expect(outbox.items.value[0]?.photoList.find(({ id }) => id === gone.id)).toMatchObject({ state: 'needs_you', problem: /no longer read/ });
    await outbox.leaveOut(gone.id);
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({ id: entityId, state: 'safe', words: 'Safe, phone copy can go', waiting: false });
    expect([...council.applied.values()].at(-1)).toMatchObject({ type: 'report.add', entity_id: entityId, payload: /left out/ });
  });
});

describe('dead letters', () => {
  it('take each refused thing to an officer once, word for word, and are no receipt', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.verdictFor = refuse;
    const { opId } = await outbox.saveReport(reportInput({ description: 'Odd one' }), []);
    await outbox.sendNow();
    await outbox.sendNow();
    expect(council.pathsOf('POST').filter((path) => path.endsWith('/deadletter'))).toHaveLength(1);
    const [letter] = [...council.deadLetters.values()];
    expect(letter).toMatchObject({ op_id: opId, problem: refusal, why: '422 invalid_payload' });
    expect(JSON.parse(letter?.raw ?? '')).toMatchObject({ op_id: opId, payload: /Odd one/ });
    expect(outbox.items.value[0]).toMatchObject({ state: 'needs_you', waiting: true });
  });

  it('never go under another’s name, and a council that does not know them stops nothing else', async () => {
    const council = new Council();
    const name = fresh();
    const { outbox } = await openSignedIn(council, name, {
      fetch: (input, init) =>
        (input as string).endsWith('/deadletter')
          ? Promise.resolve(new Response(JSON.stringify(problem(404, 'not_found')), { status: 404, headers: { 'content-type': 'application/problem+json' } }))
          : council.fetch(input, init),
    });
    council.verdictFor = (op) => (op.payload.includes('odd') ? refuse(op) : null);
    await outbox.saveReport(reportInput({ description: 'odd' }), []);
    const photo = await photoOf('fine');
    await outbox.saveReport(reportInput(), [photo]);
    await outbox.sendNow();
    expect(council.photos.has(photo.id)).toBe(true);
    council.user = OTHER;
    const { outbox: others } = await openPage(council, name, { db: new Db(name) });
    await others.sendNow();
    expect(council.deadLetters.size).toBe(0);
  });
});
