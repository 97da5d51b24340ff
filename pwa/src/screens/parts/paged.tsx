/** A list that begins short: a long one is slow to draw on an old phone, and the first lines are what matters. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

const PAGE = 30;

interface PagedProps<T> {
  readonly items: readonly T[];
  readonly row: (item: T) => ComponentChildren;
}

export function Paged<T>({ items, row }: PagedProps<T>) {
  const [shown, setShown] = useState(PAGE);
  return (
    <>
      <ul class="list">{items.slice(0, shown).map(row)}</ul>
      {items.length <= shown ? null : (
        <button type="button" class="button" onClick={() => setShown(shown + PAGE)}>
          Show more of {items.length}
        </button>
      )}
    </>
  );
}
