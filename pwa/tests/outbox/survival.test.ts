import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { NewPhoto, Saved } from '../../src/outbox';
import { Council } from '../council';
import { MortalDb, type Phone, openPage, openSignedIn, photoOf, reportInput } from './phone';

/** What the crew was told, and must stay true: "Saved on this phone". */
interface Promised {
  saved: Saved;
  description: string;
  photos: NewPhoto[];
}

type Fault = ReturnType<Council['fault']>;
type Step =
  | { do: 'save'; photos: number; locate: boolean }
  | { do: 'send' }
  | { do: 'sign_out_on_server' }
  | { do: 'sign_in' }
  | { do: 'reset' };

/** A life of one page: what happens in it, how the network behaves, and after how many storage steps it is killed. */
interface Life {
  steps: Step[];
  faults: Fault[];
  diesAfter: number;
  afterCommit: boolean;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('save' as const), photos: fc.nat(2), locate: fc.boolean() }) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'send' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'sign_out_on_server' }, { do: 'sign_in' }, { do: 'reset' }) },
);

const life: fc.Arbitrary<Life> = fc.record({
  steps: fc.array(step, { maxLength: 6 }),
  faults: fc.array(fc.constantFrom<Fault>('none', 'none', 'lost_request', 'lost_reply', 'portal', 'bad_gateway'), { maxLength: 25 }),
  diesAfter: fc.oneof(fc.constant(Infinity), fc.integer({ min: 2, max: 60 })),
  afterCommit: fc.boolean(),
});

let phones = 0;

async function live(council: Council, name: string, { steps, faults, diesAfter, afterCommit }: Life, promised: Promised[]): Promise<void> {
  const left = [...faults];
  council.fault = () => left.shift() ?? 'none';
  const page = await openPage(council, name, { db: new MortalDb(name, diesAfter, afterCommit) });
  for (const each of steps) {
    // A killed page throws from wherever it was; the next life opens the phone again.
    const dead = await act(council, page, each, promised).then(() => false, () => true);
    if (dead) break;
  }
  await page.db.close();
}

async function act(council: Council, { outbox }: Phone, each: Step, promised: Promised[]): Promise<void> {
  if (each.do === 'send') await outbox.sendNow();
  else if (each.do === 'sign_in') await outbox.signIn('crew@demo.example', 'right');
  else if (each.do === 'sign_out_on_server') council.user = null;
  else if (each.do === 'reset') council.resetNext = true;
  else {
    const description = `report ${promised.length}`;
    const input = reportInput({ description, ...(each.locate ? { position: null } : {}) });
    const photos = await Promise.all(Array.from({ length: each.photos }, (_, i) => photoOf(`${description} photo ${i}`)));
    promised.push({ saved: await outbox.saveReport(input, photos), description, photos });
    if (each.locate) await outbox.locateReport(input.id, { lat: 52.5, lon: -1.5, accuracy_m: null, source: 'pin', fixed_at: input.seen_at });
  }
}

/** Applied on the server, or on the phone for its owner to see: nothing promised is anywhere else. */
async function expectAccountedFor(council: Council, name: string, promised: Promised[]): Promise<void> {
  const { outbox, db } = await openPage(council, name);
  const visible = new Map(outbox.items.value.map((item) => [item.id, item]));
  for (const { saved, photos } of promised) {
    expect(council.applied.has(saved.opId) || visible.has(saved.entityId)).toBe(true);
    for (const photo of photos) {
      const here = await outbox.photo(photo.id);
      expect(council.photos.has(photo.id) || here?.bytes.byteLength === photo.bytes.byteLength).toBe(true);
    }
  }
  await db.close();
}

describe('what the phone has called saved', () => {
  it('is on the server exactly once or visible on the phone, whatever is lost or killed, and arrives in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
        const council = new Council();
        const name = `survival-${phones++}`;
        const promised: Promised[] = [];
        await (await openSignedIn(council, name)).db.close();
        for (const each of lives) {
          await live(council, name, each, promised);
          council.fault = () => 'none';
          await expectAccountedFor(council, name, promised);
        }
        const { outbox, db } = await openPage(council, name);
        await outbox.signIn('crew@demo.example', 'right');
        // What the council has already is not waiting, but becomes safe only with a later pull.
        const unsafe = (): boolean => outbox.items.value.some(({ state }) => state !== 'safe');
        for (let i = 0; i < 10 && unsafe(); i++) await outbox.sendNow();
        expect(outbox.waiting.value).toBe(0);
        expect(council.applications).toBe(council.applied.size);
        for (const { saved, description, photos } of promised) {
          const mine = [...council.applied.values()].filter((op) => op.entity_id === saved.entityId && op.type === 'report.create');
          expect(mine.map(({ op_id }) => op_id)).toEqual([saved.opId]);
          expect(JSON.parse(mine[0]?.payload ?? '')).toMatchObject({ description });
          for (const photo of photos) expect(Buffer.compare(council.photos.get(photo.id) ?? new Uint8Array(), new Uint8Array(photo.bytes))).toBe(0);
          expect(outbox.items.value.find(({ id }) => id === saved.entityId)?.state).toBe('safe');
        }
        await db.close();
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
