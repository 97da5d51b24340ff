import type { CouncilData, OutboxItem } from '../../outbox/types';
import { categoryName, nameOf, outcomeWords, wasteChoices } from '../../parts/words/names';

/** What a saved thing is called: "Fly-tip: Tyres, Rubble", "Cleared, Folly Lane", "Note". */
export function titleOf(item: OutboxItem, data: CouncilData): string {
  const reference = data.reference.value;
  if (item.report !== null) {
    const kind = categoryName(reference, item.report.category);
    const waste = item.report.waste.map((code) => nameOf(wasteChoices(reference), code));
    return waste.length === 0 ? kind : `${kind}: ${waste.join(', ')}`;
  }
  if (item.jobResult !== null) {
    const job = data.jobs.value.find(({ id }) => id === item.entityId);
    const outcome = outcomeWords(job?.kind ?? 'clear', item.jobResult);
    const place = job?.label ?? null;
    return place === null ? outcome : `${outcome}, ${place}`;
  }
  return 'Note';
}

/** Where it was, as far as this phone knows: the council's name for the place, once it has come down. */
export function placeOf(item: OutboxItem, data: CouncilData): string | null {
  return data.myReports.value.find(({ id }) => id === item.entityId)?.label ?? null;
}
