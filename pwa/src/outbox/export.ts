import { downloadZip } from 'client-zip';

import type { Id, WireOp } from '../wire/types';
import type { MetaValues, OpRow, PhotoRow } from './schema';
import { type OutboxStore, wireOp } from './store';
import type { Exported } from './types';

/** What `outbox.json` in the file holds; the photos' bytes lie beside it, unchanged and uncompressed. */
interface Contents {
  format: 'tipwatch-outbox';
  version: 1;
  exported_at: string;
  app_version: string;
  device: { id: Id | null; label: string | null };
  user: { id: Id; name: string };
  authority: { id: Id; name: string };
  ops: WireOp[];
  photos: { id: Id; op_id: Id; sha256: string; bytes: number; mime: string; file: string }[];
}

export interface ExportParts {
  store: OutboxStore;
  session: MetaValues['session'];
  device: MetaValues['device'] | undefined;
  appVersion: string;
  now: Date;
}

/** Whether a thing's way to the council is not proven yet: unsent, refused, unconfirmed, or with a photo not checked. */
function isOpen(op: OpRow, photos: PhotoRow[]): boolean {
  if (op.state === 'superseded') return false;
  return op.ackedAt === null || photos.some(({ opId, verifiedAt, state }) => opId === op.op_id && verifiedAt === null && state !== 'left_out');
}

/** What of these is open, and of whose photos the bytes are here and not proven to be elsewhere. */
async function openNow(store: OutboxStore, isMeant: (op: OpRow) => boolean): Promise<{ ops: OpRow[]; photos: PhotoRow[] }> {
  const all = await store.photos();
  const ops = (await store.ops()).filter((op) => isMeant(op) && isOpen(op, all)).sort((a, b) => a.seq - b.seq);
  const ids = new Set(ops.map(({ op_id }) => op_id));
  const bytes = await store.keptBytes();
  return { ops, photos: all.filter(({ id, opId, verifiedAt }) => ids.has(opId) && verifiedAt === null && bytes.has(id)) };
}

/**
 * Everything of this person that is not safe yet as one ZIP file, which the council's import takes. Doing so twice, or
 * sending after all, doubles nothing: every id stays the same.
 */
export async function exportUnsent({ store, session, device, appVersion, now }: ExportParts): Promise<Pick<Exported, 'file' | 'ops' | 'photos'>> {
  const { ops, photos } = await openNow(store, ({ userId }) => userId === session.user.id);
  const contents: Contents = {
    format: 'tipwatch-outbox',
    version: 1,
    exported_at: now.toISOString(),
    app_version: appVersion,
    device: { id: device?.id ?? null, label: device?.label ?? null },
    user: { id: session.user.id, name: session.user.name },
    authority: { id: session.authority.id, name: session.authority.name },
    ops: ops.map(wireOp),
    photos: photos.map(({ id, opId, sha256, bytes: size, mime }) => ({ id, op_id: opId, sha256, bytes: size, mime, file: `photos/${id}` })),
  };
  const file = await downloadZip(entries(store, contents, now)).blob();
  return { file, ops: contents.ops, photos: photos.map(({ id }) => id) };
}

/** A file was kept: marks what is in it word for word and with all of its photos as they are now. */
export async function markExported(store: OutboxStore, { ops, photos }: Exported, at: string): Promise<void> {
  const written = new Map(ops.map((op) => [op.op_id, JSON.stringify(op)]));
  const now = await openNow(store, ({ op_id }) => written.has(op_id));
  const lacking = new Set(now.photos.filter(({ id }) => !photos.includes(id)).map(({ opId }) => opId));
  const same = now.ops.filter((op) => written.get(op.op_id) === JSON.stringify(wireOp(op)) && !lacking.has(op.op_id));
  await store.change(new Map(same.map(({ op_id }) => [op_id, { exportedAt: at }])), new Map());
}

/** One photo in memory at a time. One that cannot be read stays named: the import says that its bytes are not in the file. */
async function* entries(store: OutboxStore, contents: Contents, lastModified: Date) {
  yield { name: 'outbox.json', lastModified, input: JSON.stringify(contents, null, 1) };
  for (const { id, file } of contents.photos) {
    const stored = await store.photo(id);
    if (stored !== null) yield { name: file, lastModified, input: stored.bytes };
  }
}
