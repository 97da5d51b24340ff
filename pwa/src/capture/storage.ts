import { type ReadonlySignal, signal } from '@preact/signals-core';

import { WORDS } from '../shared/words';
import type { StorageState } from './types';

/** Below this much free space photos may soon not fit. */
const KEEP_FREE_BYTES = 50 * 1024 * 1024;

export interface StorageWatch {
  state: ReadonlySignal<StorageState>;
  /** Measures again; a phone that will not say is taken to have room. */
  look(): Promise<void>;
  /** Asks the browser not to clear this phone's storage by itself. */
  askToPersist(): Promise<void>;
}

/** `manager` is absent outside secure pages and in old browsers. */
export function createStorageWatch(manager: Pick<StorageManager, 'estimate' | 'persist' | 'persisted'> | undefined): StorageWatch {
  const state = signal<StorageState>({ nearlyFull: false, freeBytes: null, words: null });
  return {
    state,
    look: async () => {
      const { quota, usage } = (await manager?.estimate().catch(() => undefined)) ?? {};
      if (quota === undefined || usage === undefined) return;
      const freeBytes = Math.max(0, quota - usage);
      const nearlyFull = freeBytes < KEEP_FREE_BYTES;
      const words = `${WORDS.full}: a report still saves, photos may not. Free some space on this phone.`;
      state.value = { nearlyFull, freeBytes, words: nearlyFull ? words : null };
    },
    askToPersist: async () => {
      if (manager === undefined || (await manager.persisted())) return;
      await manager.persist();
    },
  };
}
