import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sha256 } from '../../src/shared/sha256';
import { Client, NoNetwork, Refused } from '../../src/wire/client';
import { ChunkSize, TusUpload } from '../../src/wire/tus';
import type { WireOp } from '../../src/wire/types';
import { Council } from '../council';

const PHOTO = 'f3a1c9de-2b77-4b60-8a0e-5d6c7e8f9a01';

function someBytes(length: number, seed = 1): ArrayBuffer {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) bytes[i] = (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >> 16;
  return bytes.buffer;
}

function arrived(council: Council, bytes: ArrayBuffer): boolean {
  return Buffer.compare(council.photos.get(PHOTO) ?? new Uint8Array(), new Uint8Array(bytes)) === 0;
}

async function councilExpecting(bytes: ArrayBuffer, hash?: string): Promise<Council> {
  const council = new Council();
  const photos = [{ id: PHOTO, sha256: hash ?? (await sha256(bytes)), bytes: bytes.byteLength, mime: 'image/jpeg' }];
  const op = { op_id: 'o', entity_id: 'e', payload: JSON.stringify({ photos }) } as WireOp;
  council.applied.set('o', { ...op, userId: 'u-1' });
  return council;
}

function upload(council: Council, bytes: ArrayBuffer, offset = 0, goOn = () => true) {
  const offsets: number[] = [];
  const client = new Client({ fetch: council.fetch, now: Date.now });
  const run = new TusUpload(client, { photoId: PHOTO, bytes, offset, onOffset: (at) => void offsets.push(at), goOn });
  return { offsets, run: () => run.run() };
}

describe('a photo on its way up', () => {
  it('arrives byte for byte in growing chunks', async () => {
    const bytes = someBytes(3_000_000);
    const council = await councilExpecting(bytes);
    const { run, offsets } = upload(council, bytes);
    expect(await run()).toBe(true);
    expect(arrived(council, bytes)).toBe(true);
    expect(offsets).toEqual([262_144, 786_432, 1_835_008, 3_000_000]);
  });

  it('is byte-identical whatever replies and requests are lost on the way', async () => {
    const faults = fc.array(fc.constantFrom('none', 'lost_request', 'lost_reply', 'portal', 'bad_gateway'), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 900_000 }), faults, async (length, plan) => {
        const bytes = someBytes(length, length);
        const council = await councilExpecting(bytes);
        const left = [...plan] as ReturnType<Council['fault']>[];
        council.fault = () => left.shift() ?? 'none';
        let known = 0;
        for (let tries = 0; tries < 100; tries++) {
          const { run, offsets } = upload(council, bytes, known);
          const done = await run().catch((error: unknown) => {
            expect(error).toBeInstanceOf(NoNetwork);
            return false;
          });
          known = offsets.at(-1) ?? known;
          if (done) break;
        }
        expect(arrived(council, bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('goes on from the server’s offset when every other reply to its bytes is lost', async () => {
    const bytes = someBytes(2_000_000);
    const council = await councilExpecting(bytes);
    let calls = 0;
    council.fault = ({ method }) => (method !== 'HEAD' && calls++ % 2 === 0 ? 'lost_reply' : 'none');
    expect(await upload(council, bytes).run()).toBe(true);
    const sent = council.calls.filter(({ method }) => method !== 'HEAD').reduce((sum, { body }) => sum + (body as ArrayBuffer).byteLength, 0);
    expect(sent).toBe(bytes.byteLength);
  });

  it('starts again when the server has forgotten the upload', async () => {
    const bytes = someBytes(600_000);
    const council = await councilExpecting(bytes);
    let forgotten = false;
    council.fault = () => {
      if (!forgotten && council.calls.at(-1)?.method === 'PATCH' && council.uploads.get(PHOTO)?.received.length === 1) {
        council.uploads.delete(PHOTO);
        forgotten = true;
      }
      return 'none';
    };
    expect(await upload(council, bytes).run()).toBe(true);
    expect(arrived(council, bytes)).toBe(true);
  });

  it('believes the server’s offset over its own', async () => {
    const bytes = someBytes(500_000);
    const council = await councilExpecting(bytes);
    expect(await upload(council, bytes, 400_000).run()).toBe(true);
    expect(arrived(council, bytes)).toBe(true);
  });

  it('does not take its own word that every byte has arrived', async () => {
    const bytes = someBytes(500_000);
    const council = await councilExpecting(bytes);
    expect(await upload(council, bytes, bytes.byteLength).run()).toBe(true);
    expect(arrived(council, bytes)).toBe(true);
  });

  it('begins with its first bytes, and goes on where an earlier attempt got to without beginning again', async () => {
    const bytes = someBytes(400_000);
    const council = await councilExpecting(bytes);
    expect(await upload(council, bytes, 0, () => council.calls.length < 1).run()).toBe(false);
    expect(await upload(council, bytes, 262_144).run()).toBe(true);
    expect(council.calls.map(({ method, body }) => [method, (body as ArrayBuffer).byteLength])).toEqual([
      ['POST', 262_144],
      ['PATCH', 137_856],
    ]);
    expect(arrived(council, bytes)).toBe(true);
  });

  it('sends nothing again that has arrived whole', async () => {
    const bytes = someBytes(1_000);
    const council = await councilExpecting(bytes);
    council.photos.set(PHOTO, new Uint8Array(bytes));
    expect(await upload(council, bytes).run()).toBe(true);
    expect(arrived(council, bytes)).toBe(true);
  });

  it('tries once more from the start when the whole does not match, then says so', async () => {
    const bytes = someBytes(1_000);
    const council = await councilExpecting(bytes, 'f'.repeat(64));
    const error: unknown = await upload(council, bytes).run().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ problem: { code: 'photo_hash_mismatch' } });
    expect(council.pathsOf('POST')).toHaveLength(2);
  });

  it('waits for its report', async () => {
    const council = new Council();
    const error: unknown = await upload(council, someBytes(10)).run().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ problem: { code: 'photo_not_expected' } });
  });

  it('stops between chunks when told to', async () => {
    const bytes = someBytes(1_000_000);
    const council = await councilExpecting(bytes);
    const { run, offsets } = upload(council, bytes, 0, () => council.pathsOf('PATCH').length < 1);
    expect(await run()).toBe(false);
    expect(offsets).toEqual([262_144, 786_432]);
  });
});

it('doubles chunks while all goes well, up to 4 MiB', () => {
  const chunk = new ChunkSize();
  const sizes = [0, 1, 2, 3, 4, 5].map(() => {
    chunk.succeeded();
    return chunk.bytes / 1024;
  });
  expect(sizes).toEqual([512, 1024, 2048, 4096, 4096, 4096]);
});

it('halves chunks that fail down to 64 KiB, and from then on doubles after three that went well', () => {
  const chunk = new ChunkSize();
  for (let i = 0; i < 5; i++) chunk.failed();
  expect(chunk.bytes).toBe(64 * 1024);
  for (let i = 0; i < 2; i++) chunk.succeeded();
  expect(chunk.bytes).toBe(64 * 1024);
  chunk.succeeded();
  expect(chunk.bytes).toBe(128 * 1024);
  for (let i = 0; i < 30; i++) chunk.succeeded();
  expect(chunk.bytes).toBe(4 * 1024 * 1024);
});
