/** How old the lists from the council are, and what it means that some are missing. */
import type { ComponentChildren } from 'preact';
import { useApp } from '../app';
import { saidTime } from '../../parts/words/said';
import { Said } from '../../parts/said';

const FRESH_MS = 60_000;

/** What an empty list means; says nothing before the council's list has come, for then nobody knows. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return useApp().outbox.data.asOf.value === null ? null : <p class="soft">{children}</p>;
}

/** A list that has only just come says so: the first clock time costs a phone that starts a tenth of a second. */
function saidSince(at: string, now: Date): string {
  return now.getTime() - Date.parse(at) < FRESH_MS ? 'just now' : saidTime(at, now);
}

export function AsOf() {
  const { outbox, now } = useApp();
  const asOf = outbox.data.asOf.value;
  if (asOf === null) {
    return (
      <Said tone="care" title="Nothing has come from the council yet">
        <p>
          {outbox.reach.value === 'no_network'
            ? 'There is no signal. Reports can be saved all the same; this list fills when there is signal.'
            : 'It is being fetched. Reports can be saved meanwhile.'}
        </p>
      </Said>
    );
  }
  return (
    <p class="small soft">
      As the council had it <time dateTime={asOf}>{saidSince(asOf, now.value)}</time>
      {outbox.reach.value === 'no_network' ? '. No signal now.' : '.'}
    </p>
  );
}
