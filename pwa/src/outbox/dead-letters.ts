import { type Api, PUSH_LIMITS } from '../wire/api';
import type { DeadLetter, Id } from '../wire/types';
import type { OpRow, PhotoRow } from './schema';
import { type OutboxStore, wireOp } from './store';

/** Room for the request around the letters. */
const ENVELOPE_BYTES = 1_024;

interface Letter {
  letter: DeadLetter;
  op?: Id;
  photo?: Id;
}

/**
 * What needs a person is handed to an officer as it is, once for each, so that it is off the phone even if nobody mends
 * it. It is no receipt: the thing stays here. Throws NoNetwork or Refused.
 */
export async function sendDeadLetters(store: OutboxStore, api: Api, deviceId: Id, userId: Id, now: () => number): Promise<void> {
  const [ops, photos] = await Promise.all([store.ops(), store.photos()]);
  const isNews = (row: OpRow | PhotoRow): boolean => row.userId === userId && row.state === 'needs_you' && row.deadLetteredAt === null;
  const letters = [...ops.filter(isNews).map(aboutOp), ...photos.filter(isNews).map(aboutPhoto)].filter(
    ({ letter }) => sizeOf(letter) < PUSH_LIMITS.bytes - ENVELOPE_BYTES,
  );
  while (letters.length > 0) {
    const some = letters.splice(0, fitting(letters));
    await api.deadLetter({ device_id: deviceId, user_id: userId, items: some.map(({ letter }) => letter) });
    const sent = { deadLetteredAt: new Date(now()).toISOString() };
    const of = (name: 'op' | 'photo'): Map<Id, typeof sent> =>
      new Map(some.flatMap((each) => (each[name] === undefined ? [] : [[each[name], sent]])));
    await store.change(of('op'), of('photo'));
  }
}

function aboutOp(row: OpRow): Letter {
  const why = row.problem === null ? 'refused' : `${row.problem.status} ${row.problem.code}`;
  return { op: row.op_id, letter: { op_id: row.op_id, raw: JSON.stringify(wireOp(row)), problem: row.problem, why } };
}

function aboutPhoto({ id, opId, sha256, bytes, mime, sent, problem }: PhotoRow): Letter {
  const raw = JSON.stringify({ photo_id: id, op_id: opId, sha256, bytes, mime, sent });
  return { photo: id, letter: { op_id: opId, raw, problem: null, why: `photo: ${problem ?? 'cannot be sent'}` } };
}

function sizeOf(letter: DeadLetter): number {
  return new TextEncoder().encode(JSON.stringify(letter)).byteLength + 1;
}

/** How many of the first letters one request holds: at least one. */
function fitting(letters: Letter[]): number {
  let room = PUSH_LIMITS.bytes - ENVELOPE_BYTES;
  const over = letters.findIndex(({ letter }) => (room -= sizeOf(letter)) < 0);
  return Math.max(1, Math.min(PUSH_LIMITS.ops, over === -1 ? letters.length : over));
}
