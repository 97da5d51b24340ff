import { WORDS } from '../shared/words';
import type { ItemState } from './types';

/** The words of a state with the photo counts in them. */
export function stateWords(state: ItemState, verified: number, expected: number): string {
  return WORDS[state].replace('{n}', String(verified)).replace('{m}', String(expected));
}

export type SaveFailure = 'full' | 'changed' | 'signed_out' | 'gone' | 'storage';

const SAVE_FAILURES: Record<SaveFailure, string> = {
  full: 'Phone nearly full: this is not saved yet. Free some space or take a photo out, then save again.',
  changed: 'This phone did not keep what was saved exactly, so it is not counted as saved. Save again.',
  signed_out: 'Sign in first: this phone does not know yet whose report this is.',
  gone: 'This has been sent or mended already. Go back to see how it stands.',
  storage: 'This phone could not save it. Close other tabs of Tipwatch, then save again.',
};

/** Saving did not work, and nothing was counted as saved. `message` is for the person. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
  readonly reason: SaveFailure;

  constructor(reason: SaveFailure, options?: ErrorOptions) {
    super(SAVE_FAILURES[reason], options);
    this.reason = reason;
  }
}

export function asSaveError(error: unknown): SaveError {
  if (error instanceof SaveError) return error;
  const full = error instanceof DOMException && error.name === 'QuotaExceededError';
  return new SaveError(full ? 'full' : 'storage', { cause: error });
}
