import type { Outbox } from '../outbox';

/** Chromium ends a sync event after three minutes, and what is begun last may take one of them. */
const BEGIN_MS = 120_000;

/** Sends what waits. Rejects while anything may still go: the browser then gives the event again later. */
export async function sendWaiting(outbox: Pick<Outbox, 'ready' | 'sendWhile'>): Promise<void> {
  const end = Date.now() + BEGIN_MS;
  await outbox.ready;
  if (await outbox.sendWhile(() => Date.now() < end)) throw new Error('not everything has gone yet');
}
