/** Keeps the screen on while something is being sent: a phone that sleeps stops sending, and iPhones do nothing behind it. */
import { effect } from '@preact/signals';
import type { Outbox } from '../outbox/types';

interface WakeLocks {
  request(type: 'screen'): Promise<{ release(): Promise<void> }>;
}

/** `locks` is absent in older browsers. The returned function stops it. */
export function keepAwake({ busy, waiting }: Pick<Outbox, 'busy' | 'waiting'>, locks: WakeLocks | undefined): () => void {
  if (locks === undefined) return () => undefined;
  return effect(() => {
    if (!busy.value || waiting.value === 0) return undefined;
    // Refused on a flat battery or a hidden page: then it is sent as long as the phone stays awake by itself.
    const held = locks.request('screen').catch(() => null);
    return () => void held.then((lock) => lock?.release());
  });
}
