/** A place that keeps being hit as a line of a list. */
import { usualWords } from '../../parts/words/names';
import { counted, saidDay } from '../../parts/words/said';
import type { HotspotRow } from '../../wire/types';

export function Rank({ rank }: { readonly rank: number }) {
  return (
    <span class="rank figures">
      <span class="out-of-sight">Rank </span>
      {rank}
    </span>
  );
}

export function hotspotUnder({ count, trend, last, evidence }: HotspotRow): readonly (string | null)[] {
  return [counted(count, 'case'), trend, usualWords(evidence?.usual ?? null) || null, `last ${saidDay(last)}`];
}
