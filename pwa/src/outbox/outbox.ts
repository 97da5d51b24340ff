import { PICTURE_CACHE } from '../shared/pictures';
import { Api } from '../wire/api';
import { Client, NoNetwork, Refused } from '../wire/client';
import { ReadCopy } from './copy';
import { Db } from './db';
import { DraftStore } from './drafts';
import { Lists } from './lists';
import { Pace } from './pace';
import { People, phoneLabel } from './people';
import { Saving } from './saving';
import { type Outcome, Sender } from './sender';
import { type Clock, OutboxStore } from './store';
import type { Outbox, SignInResult, SignOutResult } from './types';
import { View } from './view';

const NAME = 'tipwatch';
const NO_SIGNAL = 'No signal: the council could not be reached. Nothing on this phone is lost. Try again later.';
const NO_STORAGE =
  'This browser keeps nothing for Tipwatch, so no report can be saved. Leave private browsing, or use another browser.';

export interface OutboxDeps extends Clock {
  fetch: typeof fetch;
  /** Absent in older Safari: rows then protect themselves by their leases alone. */
  locks: LockManager | undefined;
  /** Tells the other tabs that stored rows have changed. */
  channel: { postMessage(message: 'outbox' | 'all'): void; onmessage: ((event: MessageEvent) => unknown) | null };
  db: Db;
  userAgent: string;
  /** Takes the council's pictures off this phone. */
  forgetPictures: () => Promise<unknown>;
}

function browserDeps(): OutboxDeps {
  return {
    now: Date.now,
    random: Math.random,
    fetch: (input, init) => fetch(input, init),
    locks: navigator.locks,
    channel: new BroadcastChannel(NAME),
    db: new Db(NAME),
    userAgent: navigator.userAgent,
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
    session: view.session,
    busy: view.busy,
    reach: view.reach,
    notice: view.notice,
    data: view.data,
    drafts,
    ready: core.open(),
    start: (triggers = {}) => pace.start(triggers),
    signIn: (email, password) => core.enter((people) => people.signIn(email, password)),
    enrol: (code) => core.enter((people) => people.enrol(code)),
    signOut: () => core.signOut(),
    saveReport: (input, photos) => saving.report(input, photos),
    addToCase: (caseId, input, photos) => saving.report({ ...input, joins: caseId }, photos),
    locateReport: (reportId, position) => saving.locate(reportId, position),
    saveJobResult: (jobId, input) => saving.jobResult(jobId, input),
    saveNote: (target, text) => saving.note(target, text),
    sendNow: () => core.sendNow(),
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
  private readonly lists: Lists;
  private readonly sender: Sender;
  private readonly deps: OutboxDeps;

  constructor(deps: OutboxDeps) {
    const { db, now, random, locks } = deps;
    const client = new Client(deps);
    const api = new Api(client);
    const store = new OutboxStore(db, deps);
    const copy = new ReadCopy(db);
    const drafts = new DraftStore(db);
    const people = new People(db, api, copy, phoneLabel(deps.userAgent));
    const changed = (what: 'outbox' | 'all'): Promise<void> => this.changed(what);
    this.api = api;
    this.store = store;
    this.drafts = drafts;
    this.people = people;
    this.deps = deps;
    this.lists = new Lists(db, api, now);
    this.view = new View(db, store, copy, now);
    this.sender = new Sender({ db, store, copy, people, api, client, locks, now, random, changed });
    this.pace = new Pace({ random, drain: () => this.drain(), unfinished: () => this.view.unfinished() });
    this.saving = new Saving({ db, store, copy, drafts, now, saved: () => this.saved() });
    deps.channel.onmessage = ({ data }) => void this.reload(data === 'outbox' ? 'outbox' : 'all');
  }

  /** Shows what is stored; a browser that stores nothing is told of, since nothing could be promised on it. */
  async open(): Promise<void> {
    try {
      await this.reload('all');
    } catch {
      this.view.session.value = { status: 'signed_out' };
      this.view.notice.value = NO_STORAGE;
    }
  }

  async reload(what: 'outbox' | 'all'): Promise<void> {
    await this.view.loadOutbox();
    if (what === 'outbox') return;
    await Promise.all([this.view.loadCopy(), this.view.loadLists()]);
  }

  /** By password or by code: the person is known afterwards, and what waits for them begins to go. */
  async enter(by: (people: People) => Promise<void>): Promise<SignInResult> {
    try {
      await by(this.people);
    } catch (error) {
      if (error instanceof Refused) {
        const { title, detail } = error.problem;
        return { ok: false, reason: 'refused', message: detail ?? title };
      }
      if (error instanceof NoNetwork) return { ok: false, reason: 'no_network', message: NO_SIGNAL };
      throw error;
    }
    await this.changed('all');
    this.pace.nudge();
    return { ok: true };
  }

  async signOut(): Promise<SignOutResult> {
    await this.view.loadOutbox();
    const waiting = this.view.waiting.peek();
    if (waiting > 0) {
      const what = waiting === 1 ? 'One item is' : `${waiting} items are`;
      return { ok: false, reason: 'waiting', waiting, message: `${what} still on this phone. Send before you sign out.` };
    }
    try {
      await this.api.signOut();
    } catch (error) {
      if (!(error instanceof NoNetwork || error instanceof Refused)) throw error;
      return { ok: false, reason: 'no_network', waiting, message: NO_SIGNAL };
    }
    await Promise.all([this.people.forget(), this.deps.forgetPictures()]);
    await this.changed('all');
    return { ok: true };
  }

  async sendNow(): Promise<void> {
    const session = await this.people.known();
    if (session !== null) await this.store.forgetWaits(session.user.id);
    await this.pace.tap();
  }

  private async drain(): Promise<Outcome> {
    this.view.busy.value = true;
    try {
      const outcome = await this.sender.drain();
      if (outcome.kind !== 'elsewhere') this.view.reach.value = outcome.kind === 'no_network' ? 'no_network' : 'reached';
      this.view.notice.value = outcome.kind === 'refused' ? outcome.message : null;
      await this.refreshLists(outcome);
      return outcome;
    } catch {
      // Storage failed under the drain. What was saved is still there; the next round opens it again.
      return { kind: 'no_network' };
    } finally {
      this.view.busy.value = false;
    }
  }

  private async refreshLists({ kind }: Outcome): Promise<void> {
    if (kind === 'no_network' || kind === 'elsewhere') return;
    const session = await this.people.known();
    const authorityId = session === null || session.paused ? null : session.authority.id;
    if (await this.lists.refresh(authorityId)) await this.changed('all');
  }

  private async saved(): Promise<void> {
    await this.changed('outbox');
    this.pace.nudge();
  }

  private async changed(what: 'outbox' | 'all'): Promise<void> {
    await this.reload(what);
    this.deps.channel.postMessage(what);
  }
}
