import { Db } from '../../src/outbox';
import { type PublicInput, type PublicOutbox, type PublicOutboxDeps, createPublicOutbox } from '../../src/outbox/public';
import { Council } from '../council';
import { oneLock, reportInput } from './phone';

/** A council at whose door nobody is signed in. */
export function nobody(): Council {
  const council = new Council();
  council.user = null;
  return council;
}

/** A page opened by somebody without an account in the browser whose storage is called `name`. */
export async function open(council: Council, name: string, given: Partial<PublicOutboxDeps> = {}): Promise<PublicOutbox> {
  const outbox = createPublicOutbox({
    fetch: council.fetch,
    now: Date.now,
    random: () => 0.5,
    locks: oneLock(),
    channel: { postMessage: () => undefined, onmessage: null },
    db: new Db(name),
    ...given,
  });
  await outbox.ready;
  return outbox;
}

export function input(patch: Partial<PublicInput> = {}): PublicInput {
  return {
    ...reportInput(),
    position: null,
    authority: 'demo',
    where: 'By the gate',
    contact: { name: null, email: 'pat@example.com', phone: null },
    extra: {},
    ...patch,
  };
}
