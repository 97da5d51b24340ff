import { type ReadonlySignal, signal } from '@preact/signals-core';

import { WORDS } from '../shared/words';
import type { StorageState } from './types';

/** Below this much free space photos may soon not fit. */
const KEEP_FREE_BYTES = 50 * 1024 * 1024;

export interface StorageWatch {
  state: ReadonlySignal<StorageState>;
  /** Measures again, with what can be fetched again giving way first; a phone that will not say is taken to have room. */
  look(): Promise<void>;
  /** Whether new photos may come in, measured now. Text always may. */
  hasRoom(): Promise<boolean>;
  /** Asks the browser not to clear this phone's storage by itself. */
  askToPersist(): Promise<void>;
}

/**
 * `manager` is absent outside secure pages and in old browsers. `giveWay` are ways to make room, the least missed first:
 * each is gone only as far as needed.
 */
export function createStorageWatch(
  manager: Pick<StorageManager, 'estimate' | 'persist' | 'persisted'> | undefined,
  giveWay: readonly (() => Promise<unknown>)[] = [],
): StorageWatch {
  const state = signal<StorageState>({ nearlyFull: false, freeBytes: null, words: null });
  const measure = async (): Promise<boolean> => {
    const { quota, usage } = (await manager?.estimate().catch(() => undefined)) ?? {};
    if (quota === undefined || usage === undefined) return false;
    const freeBytes = Math.max(0, quota - usage);
    const nearlyFull = freeBytes < KEEP_FREE_BYTES;
    const words = `${WORDS.full}: reports still save, new photos do not. Free some space on this phone.`;
    state.value = { nearlyFull, freeBytes, words: nearlyFull ? words : null };
    return nearlyFull;
  };
  const look = async (): Promise<void> => {
    let full = await measure();
    for (const step of giveWay) {
      if (!full) return;
      await step().catch(() => undefined);
      full = await measure();
    }
  };
  return {
    state,
    look,
    hasRoom: async () => {
      await look();
      return !state.peek().nearlyFull;
    },
    askToPersist: async () => {
      // Whether it is granted is the browser's, and nothing here depends on it.
      if ((await manager?.persisted().catch(() => true)) === false) await manager?.persist().catch(() => false);
    },
  };
}
