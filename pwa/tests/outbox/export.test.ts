import { expect, it } from 'vitest';

import { sha256, sha256Text } from '../../src/shared/sha256';
import type { WireOp } from '../../src/wire/types';
import { AUTHORITY, Council, USER, problem } from '../council';
import { cannotRead, openSignedIn, photoOf, reportInput } from './phone';

interface Contents {
  format: string;
  version: number;
  device: { id: string };
  user: { id: string };
  authority: { id: string };
  ops: WireOp[];
  photos: { id: string; op_id: string; sha256: string; bytes: number; file: string }[];
}

/** The entries of a ZIP by its central directory; throws when one is compressed. */
async function unzip(file: Blob): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + 46 < bytes.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const [method, size, nameLength, local] = [view.getUint16(at + 10, true), view.getUint32(at + 24, true), view.getUint16(at + 28, true), view.getUint32(at + 42, true)];
    if (method !== 0) throw new Error('compressed');
    const name = new TextDecoder().decode(bytes.slice(at + 46, at + 46 + nameLength));
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    entries.set(name, bytes.slice(start, start + size));
  }
  return entries;
}

it('holds everything that is not safe, word for word and bit for bit, and nothing that is', async () => {
  const council = new Council();
  const { outbox, db } = await openSignedIn(council, 'export-0');
  const done = await outbox.saveReport(reportInput(), [await photoOf('has gone')]);
  await outbox.sendNow();
  council.verdictFor = ({ op_id, payload }) =>
    payload.includes('refused') ? { op_id, verdict: 'rejected', problem: problem(422, 'invalid_payload') } : null;
  const refused = await outbox.saveReport(reportInput({ description: 'refused' }), []);
  await outbox.sendNow();
  council.fault = () => 'lost_request';
  const photo = await photoOf('\u0000ÿ unsent picture');
  const unsent = await outbox.saveReport(reportInput({ description: 'Straße – “quoted”' }), [photo]);

  const { file, name, items } = await outbox.exportUnsent();
  expect(name).toMatch(/^tipwatch-unsent-.*\.zip$/);
  expect(items).toBe(2);
  const entries = await unzip(file);
  expect([...entries.keys()]).toEqual(['outbox.json', `photos/${photo.id}`]);
  const contents = JSON.parse(new TextDecoder().decode(entries.get('outbox.json'))) as Contents;
  expect(contents).toMatchObject({ format: 'tipwatch-outbox', version: 1, user: { id: USER.id }, authority: { id: AUTHORITY.id } });
  expect(contents.device.id).toBe(council.deviceId);
  expect(contents.ops.map(({ op_id }) => op_id)).toEqual([refused.opId, unsent.opId]);
  expect(contents.ops.some(({ op_id }) => op_id === done.opId)).toBe(false);
  for (const { payload, payload_sha256 } of contents.ops) expect(await sha256Text(payload)).toBe(payload_sha256);
  expect(contents.photos).toEqual([
    { id: photo.id, op_id: unsent.opId, sha256: photo.sha256, bytes: photo.bytes.byteLength, mime: 'image/jpeg', file: `photos/${photo.id}` },
  ]);
  expect(await sha256((entries.get(`photos/${photo.id}`) ?? new Uint8Array()).buffer)).toBe(photo.sha256);
  expect(await db.run((handle) => handle.count('ops'))).toBe(3);
});

it('never holds what somebody else saved on the same phone', async () => {
  const council = new Council();
  const { outbox } = await openSignedIn(council, 'export-1');
  council.fault = () => 'lost_request';
  await outbox.saveReport(reportInput({ description: 'hers' }), [await photoOf('hers')]);
  council.fault = () => 'none';
  await outbox.signIn('other@demo.example', 'right');
  const { file, items } = await outbox.exportUnsent();
  expect(items).toBe(0);
  expect(await file.text()).not.toContain('hers');
});

it('is made without the bytes of a photo that cannot be read: it names it, so that whoever takes the file in is told', async () => {
  const council = new Council();
  const { outbox } = await openSignedIn(council, 'export-2');
  council.fault = () => 'lost_request';
  const [spoilt, good] = [await photoOf('spoilt'), await photoOf('good')];
  await outbox.saveReport(reportInput(), [spoilt, good]);
  const storage = cannotRead('photo_bytes', spoilt.id, new DOMException('Failed to read large IndexedDB value', 'DataError'));
  const { file, items } = await outbox.exportUnsent();
  storage.mockRestore();
  expect(items).toBe(1);
  const entries = await unzip(file);
  expect([...entries.keys()]).toEqual(['outbox.json', `photos/${good.id}`]);
  const { photos } = JSON.parse(new TextDecoder().decode(entries.get('outbox.json'))) as Contents;
  expect(photos.map(({ id }) => id).sort()).toEqual([spoilt.id, good.id].sort());
});
