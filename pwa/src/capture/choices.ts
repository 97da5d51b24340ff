import { type ReadonlySignal, signal } from '@preact/signals-core';

import type { DraftFields, LastChoices } from './types';

const KEY = 'tipwatch-last-choices';
const REMEMBERED = 5;

export interface Choices {
  last: ReadonlySignal<LastChoices>;
  remember(fields: DraftFields): void;
}

/** What this phone chose lately, newest first, to be offered first. A comfort only: losing it loses nothing. */
export function createChoices(storage: Pick<Storage, 'getItem' | 'setItem'>): Choices {
  const last = signal(load(storage));
  return {
    last,
    remember: ({ waste, size, land }) => {
      const { waste: wastes, sizes, land: lands } = last.peek();
      last.value = { waste: first(waste, wastes), sizes: first(size, sizes), land: first(land, lands) };
      try {
        storage.setItem(KEY, JSON.stringify(last.peek()));
      } catch {
        // A full or forbidden storage costs the offer, not the report.
      }
    },
  };
}

function first(chosen: string[] | string | null, before: string[]): string[] {
  const fresh = chosen === null ? [] : [chosen].flat();
  return [...new Set([...fresh, ...before])].slice(0, REMEMBERED);
}

function load(storage: Pick<Storage, 'getItem'>): LastChoices {
  const none: LastChoices = { waste: [], sizes: [], land: [] };
  try {
    return { ...none, ...(JSON.parse(storage.getItem(KEY) ?? '{}') as Partial<LastChoices>) };
  } catch {
    return none;
  }
}
