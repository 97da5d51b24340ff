/** Hazards of a draft: chosen by themselves or with a kind of waste that is one; each report warns once. */
import { signal } from '@preact/signals';
import type { ReportDraft } from '../../capture/types';
import { hazardOfWaste } from '../../parts/words/names';

const warned = new WeakSet<ReportDraft>();

/** The code of the hazard whose warning fills the screen now. */
export const warning = signal<string | null>(null);

function warn(draft: ReportDraft, code: string): void {
  if (warned.has(draft)) return;
  warned.add(draft);
  warning.value = code;
}

export function chooseHazards(draft: ReportDraft, codes: readonly string[]): void {
  const fresh = codes.find((code) => !draft.fields.value.hazards.includes(code));
  draft.set({ hazards: [...codes] });
  if (fresh !== undefined) warn(draft, fresh);
}

/** Choosing asbestos as the waste says "asbestos" as the hazard too; taking it back takes both back. */
export function chooseWaste(draft: ReportDraft, codes: readonly string[]): void {
  const { waste, hazards } = draft.fields.value;
  const gone = waste.filter((code) => !codes.includes(code)).map((code) => hazardOfWaste[code]);
  const come = codes
    .filter((code) => !waste.includes(code))
    .map((code) => hazardOfWaste[code])
    .filter((code) => code !== undefined);
  const kept = hazards.filter((code) => !gone.includes(code) && !come.includes(code));
  draft.set({ waste: [...codes], hazards: [...kept, ...come] });
  if (come[0] !== undefined) warn(draft, come[0]);
}
