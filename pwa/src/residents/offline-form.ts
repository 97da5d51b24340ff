/** The form without signal: its answers become a report that is saved on this phone and sent when it can be. */
import { createStorageWatch } from '../capture/storage';
import type { PublicInput, PublicOutbox } from '../outbox/public';
import { WORDS } from '../shared/words';
import type { Position, ReportKind } from '../wire/types';
import type { DeviceDraft, Values } from './device-draft';
import { element } from './element';
import { markProblems } from './problems';

/** What the page knows and script cannot: the council, its lists, and the words for what is missing. */
export interface Rules {
  council: string;
  kinds: Record<string, ReportKind>;
  hazardOfWaste: Record<string, string>;
  hazardOfCategory: Record<string, string>;
  missing: Record<string, string>;
  longest: Record<string, number>;
}

export type Problems = Record<string, string>;

const FLY_TIP = 'fly_tip';
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

const one = (values: Values, name: string): string => (values[name]?.[0] ?? '').trim();

/** What keeps these answers from being a report, by field; the same as the pages say one by one. */
export function problemsOf(values: Values, { missing, longest }: Rules): Problems {
  const found: Problems = {};
  const need = (field: string, there: boolean): void => {
    if (!there) found[field] = missing[field] ?? '';
  };
  const category = one(values, 'category');
  need('category', category !== '');
  need('description', category !== 'other' || one(values, 'description') !== '');
  need('waste', category !== FLY_TIP || (values.waste ?? []).length > 0);
  need('typed', [one(values, 'lat'), one(values, 'typed'), one(values, 'words')].some((given) => given !== ''));
  need('witnessed', one(values, 'witnessed') !== '');
  need('seen', one(values, 'witnessed') !== 'yes' || one(values, 'seen') !== '');
  if (one(values, 'contact') === 'yes') {
    const [email, phone] = [one(values, 'email'), one(values, 'phone')];
    need('email', email !== '' || phone !== '');
    if (email !== '' && !EMAIL.test(email)) found.email = 'Give the email address in full, such as name@example.com';
    if (phone !== '' && phone.replace(/\D/g, '').length < 7) found.phone = 'Give the phone number in full, such as 01632 960001';
  }
  for (const [field, limit] of Object.entries(longest)) {
    const used = one(values, field).length;
    if (used > limit) found[field] = `Use ${limit.toLocaleString('en-GB')} characters or less. You have used ${used.toLocaleString('en-GB')}`;
  }
  return found;
}

function positionOf(values: Values, at: string): Position | null {
  const [lat, lon, source, accuracy] = ['lat', 'lon', 'source', 'accuracy'].map((name) => one(values, name));
  if (lat === undefined || lat === '' || lon === undefined) return null;
  const accuracyM = accuracy === undefined || accuracy === '' ? null : Number(accuracy);
  return { lat: Number(lat), lon: Number(lon), accuracy_m: accuracyM, source: source === 'gps' ? 'gps' : 'pin', fixed_at: at };
}

/** The report that these answers make. `at`: now, RFC 3339. */
export function reportOf(id: string, values: Values, rules: Rules, at: string): PublicInput {
  const category = one(values, 'category');
  const waste = category === FLY_TIP ? (values.waste ?? []) : [];
  const hazards = [...waste.map((code) => rules.hazardOfWaste[code]), rules.hazardOfCategory[category]];
  const [typed, witnessed] = [one(values, 'typed'), one(values, 'witnessed') === 'yes'];
  const contact = (name: string): string | null => (one(values, 'contact') === 'yes' && one(values, name) !== '' ? one(values, name) : null);
  return {
    id,
    authority: rules.council,
    kind: rules.kinds[category] ?? 'incident',
    category,
    seen_at: at,
    position: positionOf(values, at),
    where: [typed, one(values, 'words')].filter(Boolean).join('. '),
    description: [one(values, 'description'), witnessed ? `Saw who did it: ${one(values, 'seen')}` : ''].filter(Boolean).join('\n\n'),
    waste,
    size: waste.length > 0 ? (values.size?.[0] ?? null) : null,
    land: null,
    hazards: [...new Set(hazards.filter((code) => code !== undefined))],
    witnessed,
    joins: null,
    extra: typed === '' ? {} : { typed },
    contact: { name: contact('name'), email: contact('email'), phone: contact('phone') },
  };
}

function savedPanel(code: string): HTMLElement[] {
  const panel = element('div', 'govuk-panel govuk-panel--confirmation');
  panel.setAttribute('role', 'status');
  const heading = element('h1', 'govuk-panel__title', WORDS.saved);
  heading.tabIndex = -1;
  const body = element('div', 'govuk-panel__body');
  body.append('Your receipt code', element('br'), element('strong', 'code', code));
  panel.append(heading, body);
  const next = element('p', 'govuk-body', 'You can close this page and switch off the phone. It is sent by itself when you open this page again with signal.');
  return [panel, next];
}

/** Runs the form. `typed` writes it down on the device. */
export function runOfflineForm(form: HTMLFormElement, draft: DeviceDraft, outbox: PublicOutbox, typed: () => Promise<void>): void {
  const rules = JSON.parse(form.dataset.offline ?? '{}') as Rules;
  const waste = form.querySelector<HTMLElement>('[data-waste]');
  const showWaste = (): void => {
    if (waste !== null) waste.hidden = (draft.values.category ?? [])[0] !== FLY_TIP;
  };
  const save = async (): Promise<void> => {
    await typed();
    const problems = problemsOf(draft.values, rules);
    markProblems(form, problems);
    if (Object.keys(problems).length > 0) return;
    const report = reportOf(draft.reportId, draft.values, rules, new Date().toISOString());
    try {
      const saved = await outbox.save(report, draft.photos, draft.fields);
      rememberToForget();
      form.parentElement?.replaceChildren(...savedPanel(saved.receiptCode ?? ''));
      // What waits comes behind the news that this was saved.
      document.querySelector('main')?.after(...document.querySelectorAll('.waiting'));
      document.querySelector<HTMLElement>('.govuk-panel h1')?.focus();
      void createStorageWatch(navigator.storage).askToPersist();
    } catch (error) {
      markProblems(form, { save: error instanceof Error ? error.message : String(error) });
    }
  };
  let saving = false;
  form.addEventListener('input', showWaste);
  form.addEventListener('change', showWaste);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (saving) return;
    saving = true;
    void save().finally(() => (saving = false));
  });
  showWaste();
  form.hidden = false;
}

const SAVED_HERE = 'tipwatch-saved-here';

/** What was saved on this phone must not wait for a second sending among the council's own drafts. */
function rememberToForget(): void {
  try {
    localStorage.setItem(SAVED_HERE, '1');
  } catch {
    // Then the draft at the council goes by itself, after a day.
  }
}
