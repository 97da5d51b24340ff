import type { Failure } from '../desk';
import { Failed } from './states';

interface MoreProps {
  readonly list: {
    readonly data: { readonly next: string | null } | null;
    readonly more: () => Promise<void>;
    readonly busy: boolean;
    readonly moreFailure: Failure | null;
  };
}

/** The way to the next page of a list, where there is one. */
export function More({ list: { data, more, busy, moreFailure } }: MoreProps) {
  if ((data?.next ?? null) === null) return null;
  return (
    <>
      {moreFailure === null ? null : <Failed failure={moreFailure} />}
      <button type="button" class="button" aria-disabled={busy} onClick={() => void more()}>
        {busy ? 'Fetching…' : 'Show more'}
      </button>
    </>
  );
}
