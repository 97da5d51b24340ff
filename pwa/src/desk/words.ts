/** The desk's words for the wire's codes. */
import type { AreaKind } from '../map/types';
import type { CaseState, Decision, DeskReport } from '../wire/desk-types';
import type { JobOutcome, Role } from '../wire/types';

export const stateWords: Readonly<Record<CaseState, string>> = {
  new: 'To review',
  accepted: 'Accepted',
  closed: 'Closed',
};

interface DecisionWords {
  /** On the button. */
  readonly action: string;
  readonly done: string;
  /** What it means, beside the choice. */
  readonly means: string;
  readonly needsReason: boolean;
}

export const decisionWords: Readonly<Record<Decision, DecisionWords>> = {
  accept: { action: 'Accept', done: 'Accepted', means: 'It is ours to deal with.', needsReason: false },
  duplicate: {
    action: 'Duplicate',
    done: 'Closed as a duplicate',
    means: 'The same thing has another case. That case goes on.',
    needsReason: false,
  },
  not_ours: {
    action: 'Not ours',
    done: 'Closed as not ours',
    means: 'Somebody else’s land or duty. Say whose.',
    needsReason: true,
  },
  no_evidence: {
    action: 'No evidence',
    done: 'Closed for want of evidence',
    means: 'Nothing found, or nothing to go on. Say what was looked for.',
    needsReason: true,
  },
  close: { action: 'Close', done: 'Closed', means: 'It is dealt with.', needsReason: false },
  reopen: { action: 'Reopen', done: 'Reopened', means: 'It goes back to accepted. Say why.', needsReason: true },
};

const steps: Readonly<Record<CaseState, readonly Decision[]>> = {
  new: ['accept', 'duplicate', 'not_ours', 'no_evidence', 'close'],
  accepted: ['duplicate', 'not_ours', 'no_evidence', 'close'],
  closed: ['reopen'],
};

/** The decisions that can be taken on every one of these; the server has the last word. */
export function stepsForAll(states: readonly CaseState[]): readonly Decision[] {
  const [first, ...rest] = states.map((state) => steps[state]);
  return (first ?? []).filter((decision) => rest.every((others) => others.includes(decision)));
}

const closings: Readonly<Record<string, string>> = {
  duplicate: 'duplicate',
  not_ours: 'not ours',
  no_evidence: 'no evidence',
  close: 'dealt with',
  merged: 'merged',
};

export function saidState(state: CaseState, because: string | null): string {
  if (state !== 'closed' || because === null) return stateWords[state];
  return `Closed: ${closings[because] ?? because.replaceAll('_', ' ')}`;
}

const sources: Readonly<Record<string, string>> = {
  crew: 'Crew',
  resident: 'Resident’s form',
  officer: 'Officer',
  import: 'Imported',
  open311: 'Open311',
};

export function sourceName(code: string): string {
  return sources[code] ?? code.replaceAll('_', ' ');
}

const flags: Readonly<Record<string, string>> = {
  outside_area: 'The position is outside the council’s area',
  outside_great_britain: 'The position is outside Great Britain',
  no_position: 'It has no position yet',
  perhaps_same_as_another: 'It may be the same as another case nearby',
  named_case_not_open: 'The person said it belongs to a case that is closed',
  job_of_closed_case: 'The result came after the case was closed',
  job_of_another_crew: 'The result came from another crew than the one asked',
  out_of_order: 'Something its phone sent before is missing',
  job_done_twice: 'More than one result came for this job',
};

/** What the server found to check, in words: `outside_area`, `unknown_waste:sofa`. */
export function flagWords(flag: string): string {
  const known = flags[flag];
  if (known !== undefined) return known;
  const [code = '', about] = flag.split(':');
  const words = sentence(code.replaceAll('_', ' '));
  return about === undefined ? words : `${words}: ${about.replaceAll('_', ' ')}`;
}

export const areaKinds: Readonly<Record<AreaKind, string>> = {
  ward: 'Ward',
  parish: 'Parish',
  beat: 'Police beat',
  pspo: 'Public spaces protection order',
};

const positionSources: Readonly<Record<string, string>> = {
  gps: 'GPS',
  pin: 'Pin placed by hand',
  typed: 'Typed',
  photo: 'From a photo',
};

export function saidPosition(position: DeskReport['position'], where: string | null | undefined): string {
  if (position === null) return where ? `In words: “${where}”` : 'No position given';
  const source = positionSources[position.source] ?? position.source;
  return position.accuracy_m === null ? source : `${source}, within ${Math.round(position.accuracy_m)} m`;
}

export const outcomeNames: Readonly<Record<JobOutcome, string>> = {
  done: 'Done',
  not_there: 'Not there',
  cannot: 'Could not be done',
};

export const roleNames: Readonly<Record<Role, string>> = {
  crew: 'Crew',
  officer: 'Officer',
  manager: 'Manager',
  admin: 'Administrator',
};

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Services outside that are asked for a second opinion; `owed`: the credit that its licence asks for. */
export const serviceWords: Readonly<Record<string, { readonly name: string; readonly owed: string }>> = {
  nominatim: { name: 'OpenStreetMap', owed: ' (© OpenStreetMap contributors)' },
  os_names: { name: 'OS Names', owed: '' },
  os_places: { name: 'OS Places', owed: '' },
};
