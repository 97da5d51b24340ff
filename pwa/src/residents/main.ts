/** What script adds to the resident's pages. Every page but the one without signal is whole without it. */
import type { Db } from '../outbox/db';
import type { PublicItem } from '../outbox/public';
import { sha256 } from '../shared/sha256';
import { startComponents } from './components';
import { lookBeforeSending } from './connection';
import { DRAFT_ID, DeviceDraft, openStorage } from './device-draft';
import { showPhotos } from './photos';
import { keepTyped } from './typed';
import { pointOut } from './where';
import { keepFormAtHand } from './worker';

const SAVED_HERE = 'tipwatch-saved-here';
const council = document.body.dataset.council;
const form = document.querySelector<HTMLFormElement>('form[data-question]');
const offlineAddress = `/report/offline?council=${council ?? ''}`;

/** The draft of this page: one for the report, and one for what is added to each report that was sent. */
async function draftFor(db: Db): Promise<DeviceDraft> {
  const id = form?.dataset.question?.startsWith('status-') ? form.dataset.question : DRAFT_ID;
  const draft = new DeviceDraft(db, id);
  await draft.load(Date.now());
  const done = document.querySelector('[data-sent], [data-added]');
  if (done !== null) await draft.drop();
  return draft;
}

function enhance(draft: DeviceDraft): void {
  if (form === null) return;
  const note = keepTyped(form, draft);
  showPhotos(form, draft);
  pointOut(form, () => void note());
  if (form.dataset.offline !== undefined) void outboxOn(draft, note);
  else lookBeforeSending(form, form.dataset.question?.startsWith('status-') ? '' : offlineAddress, note);
  document.querySelector('[data-forget-answers]')?.addEventListener('submit', () => void draft.drop());
}

/** The outbox comes after the first paint, and only where something waits or may be saved. */
async function outboxOn(draft: DeviceDraft, note: () => Promise<void>): Promise<void> {
  const [{ createPublicOutbox }, { showWaiting }, { runOfflineForm }] = await Promise.all([
    import('../outbox/public'),
    import('./waiting'),
    import('./offline-form'),
  ]);
  const outbox = createPublicOutbox();
  await outbox.ready;
  showWaiting(outbox, { mend: (item) => void mend(item, draft) });
  outbox.start({ window, document });
  if (form?.dataset.offline === undefined) return;
  const saved = outbox.items.value.some(({ entityId, state }) => entityId === draft.reportId && state !== 'needs_you');
  // Saved just before the page was killed: what the form still held is that report, and no new one.
  if (saved) {
    await draft.drop();
    draft.renew();
    form.reset();
  }
  runOfflineForm(form, draft, outbox, note);

  async function mend(item: PublicItem, into: DeviceDraft): Promise<void> {
    const kept = await Promise.all(item.photoList.map(async ({ id }) => ({ id, stored: await outbox.photo(id) })));
    const photos = kept.flatMap(({ id, stored }) => (stored === null ? [] : [{ id, ...stored }]));
    into.take(item.form, await Promise.all(photos.map(async (photo) => ({ ...photo, sha256: await sha256(photo.bytes), takenAt: null }))));
    if (item.problemCode === 'same_id_other_content') into.renew();
    await into.keep();
    if (form?.dataset.offline === undefined) {
      location.assign(offlineAddress);
      return;
    }
    // A browser that brings back what stood in the form would take it for an answer that is newer than the report's.
    form.reset();
    location.reload();
  }
}

/** A report saved on this phone is not to be sent a second time from what the council's own pages still hold of it. */
async function forgetAtCouncil(): Promise<void> {
  if (localStorage.getItem(SAVED_HERE) === null || !navigator.onLine) return;
  const answer = await fetch('/report/forget', { method: 'POST' }).catch(() => null);
  if (answer?.ok !== true) return;
  localStorage.removeItem(SAVED_HERE);
  if (document.querySelector('[data-going-on]') !== null) location.reload();
}

async function start(): Promise<void> {
  startComponents(document);
  keepFormAtHand(council);
  const db = await openStorage();
  if (db === null) return;
  const draft = await draftFor(db);
  enhance(draft);
  await forgetAtCouncil().catch(() => undefined);
  const waits = (await db.run((handle) => handle.count('ops'))) > 0;
  if (waits && form?.dataset.offline === undefined) await outboxOn(draft, () => Promise.resolve());
}

void start();
