import { version } from '../../package.json';
import { newId } from '../shared/ids';
import { PICTURE_CACHE } from '../shared/pictures';
import { Api } from '../wire/api';
import { Client, NoNetwork, Refused } from '../wire/client';
import { ReadCopy } from './copy';
import { Db } from './db';
import { DraftStore } from './drafts';
import { type Locks, liveLocks } from './live-locks';
import { MapLines } from './map-lines';
import type { Mending } from './mending';
import { Pace } from './pace';
import { People, phoneLabel } from './people';
import { PhotoLink, linkOf } from './photo-link';
import { Saving } from './saving';
import { type Outcome, asAsked, isAside } from './drain';
import { Sender } from './sender';
import { mayChange, mayGo } from './still';
import { type Clock, OutboxStore } from './store';
import type { CheckResult, Exported, Link, Outbox, SignInResult, SignOutResult } from './types';
import { View } from './view';
import { SaveError } from './words';

const NAME = 'tipwatch';
const NO_SIGNAL = 'No signal: the council could not be reached. Nothing on this phone is lost. Try again later.';
const NO_STORAGE =
  'This browser keeps nothing for Tipwatch, so no report can be saved. Leave private browsing, or use another browser.';
const NOT_CHECKED = 'The council did not answer that just now. Nothing on this phone is lost. Try again later.';

export interface OutboxDeps extends Clock {
  fetch: typeof fetch;
  /** Absent in older Safari: rows then protect themselves by their leases alone. */
  locks: Locks | undefined;
  /** Tells the other tabs that stored rows have changed. */
  channel: { postMessage(message: 'outbox' | 'all'): void; onmessage: ((event: MessageEvent) => unknown) | null };
  db: Db;
  userAgent: string;
  link: () => Link;
  /** Takes the council's pictures off this phone. */
  forgetPictures: () => Promise<unknown>;
}

function browserDeps(): OutboxDeps {
  return {
    now: Date.now,
    random: Math.random,
    fetch: (input, init) => fetch(input, init),
    locks: liveLocks(`${NAME}-sender`),
    channel: new BroadcastChannel(NAME),
    db: new Db(NAME),
    userAgent: navigator.userAgent,
    link: () => linkOf(navigator),
    forgetPictures: () => caches.delete(PICTURE_CACHE),
  };
}

/** The outbox of this browser: what it has saved, where each thing is, and what came down from the council. */
export function createOutbox(deps: OutboxDeps = browserDeps()): Outbox {
  const core = new Core(deps);
  const { view, drafts, saving, pace } = core;
  return {
    items: view.items,
    waiting: view.waiting,
    others: view.others,
    session: view.session,
    busy: view.busy,
    reach: view.reach,
    notice: view.notice,
    photosWait: view.photosWait,
    photosHeld: view.photosHeld,
    updateNeeded: view.updateNeeded,
    data: view.data,
    drafts,
    ready: core.open(),
    start: (triggers = {}) => pace.start(triggers),
    signIn: (email, password) => core.enter((people) => people.signIn(email, password)),
    enrol: (code) => core.enter((people) => people.enrol(code)),
    signOut: () => core.signOut(),
    saveReport: (input, photos, replaces) => saving.report(input, photos, replaces),
    addToCase: (caseId, input, photos) => saving.report({ ...input, joins: caseId }, photos),
    locateReport: (reportId, position) => saving.locate(reportId, position),
    saveJobResult: (jobId, input) => saving.jobResult(jobId, input),
    saveNote: (target, text) => saving.note(target, text),
    mend: async (opId, input) => (await core.mending()).again(opId, input),
    leaveOut: async (photoId) => (await core.mending()).leaveOut(photoId),
    checkWithCouncil: () => core.checkWithCouncil(),
    setPhotosWait: (wait) => core.setPhotosWait(wait),
    sendPhotosNow: () => core.sendPhotosNow(),
    exportUnsent: () => core.exportUnsent(),
    markExported: (file) => core.markExported(file),
    freeChecked: () => core.store.giveWay(),
    sendNow: () => core.sendNow(),
    sendWhile: (mayBegin) => core.sendWhile(mayBegin),
    photo: (photoId) => core.store.photo(photoId),
  };
}

/** The parts, put together once, and the few acts that concern all of them. */
class Core {
  readonly store: OutboxStore;
  readonly drafts: DraftStore;
  readonly view: View;
  readonly saving: Saving;
  readonly pace: Pace;

  private readonly api: Api;
  private readonly people: People;
  private readonly mapLines: MapLines;
  private readonly sender: Sender;
  private readonly photoLink: PhotoLink;
  private readonly deps: OutboxDeps;

  constructor(deps: OutboxDeps) {
    const { db, now, random } = deps;
    const client = new Client(deps);
    const api = new Api(client);
    const store = new OutboxStore(db, deps);
    const copy = new ReadCopy(db);
    const drafts = new DraftStore(db);
    const people = new People(db, api, copy, phoneLabel(deps.userAgent), now);
    this.api = api;
    this.store = store;
    this.drafts = drafts;
    this.people = people;
    this.deps = deps;
    this.mapLines = new MapLines(db, api, now);
    this.view = new View(db, store, copy, now);
    this.photoLink = new PhotoLink(db, deps.link, this.view.photosHeld);
    this.sender = new Sender({
      ...deps, store, copy, people, api, client,
      appVersion: version,
      mayGoOn: () => this.pace.mayGoOn(),
      photosMayGo: () => this.photoLink.mayGo(),
      updateNeeded: (needed) => (this.view.updateNeeded.value = needed),
      changed: (what) => this.changed(what),
    });
    this.pace = new Pace({ random, drain: () => this.drain(), unfinished: () => this.view.here(mayChange) });
    this.saving = new Saving({ db, store, copy, drafts, now, saved: () => this.saved() });
    // Where a newer page has changed the storage, this one can read it no more, and says so.
    deps.channel.onmessage = ({ data }) => void this.reload(data === 'outbox' ? 'outbox' : 'all').catch(() => undefined);
  }

  /** Shows what is stored; a browser that stores nothing is told of, since nothing could be promised on it. */
  async open(): Promise<void> {
    try {
      await this.reload('all');
    } catch {
      this.view.session.value = { status: 'signed_out' };
      this.view.said.value = NO_STORAGE;
    }
  }

  async reload(what: 'outbox' | 'all'): Promise<void> {
    await this.view.loadOutbox();
    if (what === 'outbox') return;
    await Promise.all([this.view.loadCopy(), this.view.loadMap()]);
  }

  /** By password or by code: the person is known afterwards, and what waits for them begins to go. */
  async enter(by: (people: People) => Promise<void>): Promise<SignInResult> {
    try {
      await this.pace.between(() => by(this.people));
    } catch (error) {
      if (error instanceof Refused) {
        const { title, detail } = error.problem;
        return { ok: false, reason: 'refused', message: detail ?? title };
      }
      if (error instanceof NoNetwork) return { ok: false, reason: 'no_network', message: NO_SIGNAL };
      throw error;
    }
    await this.changed('all');
    return { ok: true };
  }

  async signOut(): Promise<SignOutResult> {
    await this.view.loadOutbox();
    const waiting = this.view.waiting.peek();
    if (waiting > 0 && !(await this.isExported())) {
      const what = waiting === 1 ? 'One thing is' : `${waiting} things are`;
      const message = `${what} still on this phone. Send before you sign out, or keep a copy as a file first.`;
      return { ok: false, reason: 'waiting', waiting, message };
    }
    try {
      await this.pace.between(async () => {
        await this.api.signOut();
        await Promise.all([this.people.forget(), this.deps.forgetPictures()]);
      });
    } catch (error) {
      if (!(error instanceof NoNetwork || error instanceof Refused)) throw error;
      return { ok: false, reason: 'no_network', waiting, message: NO_SIGNAL };
    }
    await this.changed('all');
    return { ok: true };
  }

  /** Whether everything of this person that waits is in a file that was kept. */
  private async isExported(): Promise<boolean> {
    const session = await this.people.known();
    const unsent = await this.store.unsent();
    return unsent.filter(({ userId }) => userId === session?.user.id).every(({ exportedAt }) => exportedAt !== null);
  }

  async sendNow(): Promise<void> {
    const session = await this.people.known();
    if (session !== null) await this.store.forgetWaits(session.user.id);
    await this.pace.tap();
  }

  async sendWhile(mayBegin: () => boolean): Promise<boolean> {
    let outcome: Outcome;
    do outcome = await this.drain();
    while (outcome.kind === 'done' && outcome.more && mayBegin());
    await this.reload('outbox');
    return this.view.here(mayGo);
  }

  async checkWithCouncil(): Promise<CheckResult> {
    try {
      await this.api.ping(newId());
    } catch (error) {
      if (error instanceof NoNetwork || error instanceof Refused) return { ok: false, message: NO_SIGNAL };
      throw error;
    }
    await this.sender.reconcile.ask();
    await this.sendNow();
    const found = await this.deps.db.meta('reconciled');
    return found === undefined ? { ok: false, message: this.view.notice.peek() ?? NOT_CHECKED } : { ok: true, ...found };
  }

  /** Seldom needed, as the export below, so fetched only then. */
  async mending(): Promise<Mending> {
    const { Mending } = await import('./mending');
    return new Mending(this.store, this.saving);
  }

  async setPhotosWait(wait: boolean): Promise<void> {
    await this.deps.db.setMeta('photosWait', wait);
    await this.changed('outbox');
    this.pace.nudge();
  }

  async sendPhotosNow(): Promise<void> {
    this.photoLink.letGoOnce();
    await this.sendNow();
  }

  async exportUnsent(): Promise<Exported> {
    const session = await this.people.known();
    if (session === null) throw new SaveError('signed_out');
    const now = new Date(this.deps.now());
    const device = await this.deps.db.meta('device');
    const { exportUnsent } = await import('./export');
    const made = await exportUnsent({ store: this.store, session, device, appVersion: version, now });
    const name = `tipwatch-unsent-${now.toISOString().slice(0, 16).replace(':', '')}.zip`;
    return { ...made, name, items: made.ops.length };
  }

  async markExported(file: Exported): Promise<void> {
    const { markExported } = await import('./export');
    await markExported(this.store, file, new Date(this.deps.now()).toISOString());
    await this.changed('outbox');
  }

  private async drain(): Promise<Outcome> {
    this.view.busy.value = true;
    try {
      const outcome = await asAsked(this.deps, () => this.sender.drain());
      if (!isAside(outcome)) this.view.reach.value = outcome.kind === 'no_network' ? 'no_network' : 'reached';
      this.view.said.value = 'message' in outcome ? outcome.message : null;
      await this.refreshMap(outcome);
      return outcome;
    } catch {
      // Storage failed under the drain. What was saved is still there; the next round opens it again.
      return { kind: 'no_network' };
    } finally {
      this.view.busy.value = false;
    }
  }

  private async refreshMap(outcome: Outcome): Promise<void> {
    if (outcome.kind === 'no_network' || isAside(outcome)) return;
    const session = await this.people.known();
    if (session === null || session.paused) return;
    if (await this.mapLines.refresh(session.authority.id)) await this.changed('all');
  }

  private async saved(): Promise<void> {
    try {
      await this.changed('outbox');
    } finally {
      this.pace.nudge();
    }
  }

  private async changed(what: 'outbox' | 'all'): Promise<void> {
    await this.reload(what);
    this.deps.channel.postMessage(what);
  }
}
