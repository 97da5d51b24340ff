/** The crew's words for the national codes, shorter than the return's and in the order crews meet them. */
import type { Choice } from '../choices';
import type { JobOutcome, JobKind, Reference } from '../../wire/types';

const waste: Readonly<Record<string, string>> = {
  black_bags_household: 'Black bags',
  white_goods: 'White goods',
  constr_demol_excav: 'Rubble',
  tyres: 'Tyres',
  green: 'Green waste',
  other_household_waste: 'Other household',
  black_bags_commercial: 'Bags, business',
  other_commercial_waste: 'Other business',
  other_electrical: 'TVs, electricals',
  vehicle_parts: 'Vehicle parts',
  animal_carcass: 'Dead animal',
  asbestos: 'Asbestos',
  clinical: 'Needles, clinical',
  chemical_drums_oil_fuel: 'Chemicals, oil, fuel',
  other_unidentified: 'Cannot tell',
};

const sizes: Readonly<Record<string, string>> = {
  single_black_bag: 'Bag',
  single_item: 'Item',
  car_boot_or_less: 'Car boot',
  small_van_load: 'Small van',
  transit_van_load: 'Transit van',
  tipper_lorry_load: 'Tipper',
  significant_multi_loads: 'More than a tipper',
};

/** Kinds of waste that are a hazard by themselves. */
export const hazardOfWaste: Readonly<Record<string, string>> = {
  asbestos: 'asbestos',
  clinical: 'sharps',
  chemical_drums_oil_fuel: 'chemicals',
  animal_carcass: 'animal',
};

function inCrewWords(list: readonly Choice[], words: Readonly<Record<string, string>>): readonly Choice[] {
  const order = Object.keys(words);
  const place = (code: string): number => {
    const at = order.indexOf(code);
    return at === -1 ? order.length : at;
  };
  return list
    .map(({ code, name }) => ({ code, name: words[code] ?? name }))
    .sort((a, b) => place(a.code) - place(b.code));
}

export function wasteChoices(reference: Reference | null): readonly Choice[] {
  return inCrewWords(reference?.waste ?? [], waste);
}

export function sizeChoices(reference: Reference | null): readonly Choice[] {
  return inCrewWords(reference?.sizes ?? [], sizes);
}

/** The name of a code in one of the council's lists; the code itself, readable, when the list is not here. */
export function nameOf(list: readonly Choice[] | undefined, code: string): string {
  return list?.find((item) => item.code === code)?.name ?? code.replaceAll('_', ' ');
}

export function categoryName(reference: Reference | null, category: string): string {
  return category === 'fly_tip' ? 'Fly-tip' : nameOf(reference?.categories, category);
}

export function hazardNames(reference: Reference | null, codes: readonly string[]): string {
  return codes.map((code) => nameOf(reference?.hazards, code)).join(', ');
}

export const jobVerb: Readonly<Record<JobKind, string>> = {
  clear: 'Clear',
  inspect: 'Inspect',
  sign: 'Put up a sign',
  camera: 'Place a camera',
};

export const doneWords: Readonly<Record<JobKind, string>> = {
  clear: 'Cleared',
  inspect: 'Inspected',
  sign: 'Sign is up',
  camera: 'Camera is placed',
};

export function outcomeWords(kind: JobKind, outcome: JobOutcome): string {
  return { done: doneWords[kind], not_there: 'Not there', cannot: 'Can’t do it' }[outcome];
}

/** Whether a hotspot is more than its surroundings explain, in two or three words; empty where it was not worked out. */
export function usualWords(usual: boolean | null): string {
  if (usual === null) return '';
  return usual ? 'usual for its area' : 'more than usual';
}
