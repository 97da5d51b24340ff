import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Link, NewPhoto, OutboxItem } from '../../src/outbox';
import type { Change } from '../../src/wire/types';
import { Council, OTHER, USER } from '../council';
import { HardDb, Killed, type Phone, oneLock, openPage, photoOf, reportInput } from './phone';

/**
 * One phone, one council, and everything that can go wrong between them in any order. After each step hold, word for word:
 * every op shown as saved is on the server once or visible on the phone; no op twice; every manifest photo verified byte
 * for byte (in the end); nothing under the wrong user; phone bytes never purged before `verified`; the cursor never
 * passes an unseen row; no photo byte goes over a link that is not Wi-Fi while photos wait for Wi-Fi, and text goes all the same.
 */

const DAY = 86_400_000;
const PEOPLE = [USER, OTHER] as const;

interface Promised {
  opId: string;
  /** The item that shows it: the report's id for reports. */
  itemId: string;
  userId: string;
  photos: NewPhoto[];
}

/** What has been promised so far; the phone and the council are judged by it. */
class World {
  readonly council = new Council();
  readonly name: string;
  readonly promised: Promised[] = [];
  readonly locks = oneLock();
  /** What the council's clock says, and by how much the phone's is off; milliseconds. */
  time = Date.parse('2026-11-20T08:00:00Z');
  skew = 0;
  full = false;
  link: Link = 'unknown';
  /** What was last said of photos on this phone, and the photo bytes that went against it. */
  photosWait = false;
  strayBytes = 0;
  rows = 0;
  /** Faults of the next calls, one each. */
  faults: ReturnType<Council['fault']>[] = [];
  offline = false;
  cut = false;
  weeksWent = false;
  /** Photos the council has ever called checked. */
  readonly checked = new Set<string>();
  private tabs: Phone[] = [];

  constructor(name: string) {
    this.name = name;
    this.council.clock = () => this.time;
    this.council.fault = () => (this.offline ? 'lost_request' : (this.faults.shift() ?? 'none'));
  }

  /** A reply cut in the middle: the head promised more than came. */
  readonly fetch: typeof fetch = async (input, init) => {
    const { body } = init ?? {};
    if (this.photosWait && this.link !== 'wifi' && body instanceof ArrayBuffer) this.strayBytes += body.byteLength;
    const answer = await this.council.fetch(input, init);
    if (!this.cut || answer.body === null) return answer;
    this.cut = false;
    const text = await answer.text();
    return new Response(text.slice(0, Math.floor(text.length / 2)), { status: answer.status, headers: answer.headers });
  };

  async tab(steps = Infinity, afterCommit = false): Promise<Phone> {
    const db = new HardDb(this.name, () => this.full, steps, afterCommit);
    const phone = await openPage(this.council, this.name, {
      db, fetch: this.fetch, locks: this.locks, now: () => this.time + this.skew, link: () => this.link,
    });
    this.tabs.push(phone);
    return phone;
  }

  async page(): Promise<Phone> {
    return this.tabs[0] ?? this.tab();
  }

  async letPhotosWait(wait: boolean): Promise<void> {
    await (await this.page()).outbox.setPhotosWait(wait);
    this.photosWait = wait;
  }

  async close(): Promise<void> {
    await Promise.all(this.tabs.map(({ db }) => db.close()));
    this.tabs = [];
  }

  /** What the person said to be signed in here sees, and what the others would. */
  async items(): Promise<Map<string, OutboxItem>> {
    const { outbox } = await this.page();
    return new Map(outbox.items.value.map((item) => [item.id, item]));
  }

  async check(): Promise<void> {
    const { council } = this;
    for (const id of council.photos.keys()) this.checked.add(id);
    expect(council.applications).toBe(council.applied.size + this.lostApplications);
    expect(this.strayBytes).toBe(0);
    const { outbox, db } = await this.page();
    const [ops, cursor, cases] = await db.run((handle) =>
      Promise.all([handle.getAll('ops'), handle.get('meta', 'cursor'), handle.getAllKeys('case')]),
    );
    const session = outbox.session.value;
    const here = 'user' in session ? session.user.id : null;
    const seen = await this.items();
    for (const { opId, itemId, userId, photos: given } of this.promised) {
      const row = ops.find(({ op_id }) => op_id === opId);
      expect(council.applied.has(opId) || row !== undefined).toBe(true);
      if (userId === here && row !== undefined && !council.applied.has(opId)) expect(seen.has(itemId)).toBe(true);
      if (userId !== here) expect(seen.has(itemId)).toBe(false);
      expect(row?.userId ?? userId).toBe(userId);
      for (const { id, bytes } of given) {
        const kept = await outbox.photo(id);
        if (kept === null) expect(this.checked.has(id)).toBe(true);
        else expect(kept.bytes.byteLength).toBe(bytes.byteLength);
      }
    }
    for (const { op_id, userId } of council.applied.values()) {
      const known = this.promised.find(({ opId }) => opId === op_id);
      if (known !== undefined) expect(userId).toBe(known.userId);
    }
    const passed = Number((cursor as { cursor: string } | undefined)?.cursor ?? 0);
    for (const { id } of council.changes.slice(0, passed)) expect(cases).toContain(id);
  }

  /** Applications that a restore took away: they count once more when they come again. */
  lostApplications = 0;

  /** Last night's backup comes back. Not after weeks: a phone asks again only for what is younger than 30 days. */
  restore(): void {
    if (this.weeksWent) return;
    const { council } = this;
    for (const id of council.photos.keys()) this.checked.add(id);
    this.lostApplications += council.applied.size;
    council.applied.clear();
    council.photos.clear();
    council.uploads.clear();
    council.resetNext = true;
  }
}

type Model = Record<string, never>;

/** A command that does `act`, survives whatever that throws, and leaves every invariant standing. */
class Step implements fc.AsyncCommand<Model, World> {
  private readonly label: string;
  private readonly act: (world: World) => Promise<unknown>;

  constructor(label: string, act: (world: World) => Promise<unknown>) {
    this.label = label;
    this.act = act;
  }

  check = (): boolean => true;

  async run(_model: Model, world: World): Promise<void> {
    await this.act(world);
    await world.check();
  }

  toString = (): string => this.label;
}

async function keep(world: World, phone: Phone, photos: number, kind: 'report' | 'locate' | 'result' | 'note'): Promise<void> {
  const session = phone.outbox.session.value;
  const userId = 'user' in session ? session.user.id : '';
  const given = await Promise.all(Array.from({ length: photos }, (_, i) => photoOf(`${world.promised.length} picture ${i} ${'x'.repeat(i * 9)}`)));
  const pin = { lat: 52.5, lon: -1.5, accuracy_m: null, source: 'pin', fixed_at: '2026-11-20T07:10:00Z' } as const;
  try {
    if (kind === 'note') await promise(phone.outbox.saveNote({ case: 'c0' }, 'Seen again'), []);
    else if (kind === 'result') await promise(phone.outbox.saveJobResult('j0', { result: 'done', photos: given }), given);
    else {
      const input = reportInput(kind === 'locate' ? { position: null } : {});
      await promise(phone.outbox.saveReport(input, given), given, input.id);
      if (kind === 'locate') await promise(phone.outbox.locateReport(input.id, pin), [], input.id);
    }
  } catch (error) {
    // A dead page, a full phone or nobody signed in: nothing was promised then.
    if (!(error instanceof Killed) && !(error instanceof Error && error.name === 'SaveError')) throw error;
  }

  async function promise(saving: Promise<{ opId: string }>, photosOf: NewPhoto[], itemId?: string): Promise<void> {
    const { opId } = await saving;
    world.promised.push({ opId, itemId: itemId ?? opId, userId, photos: photosOf });
  }
}

const calmly = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });

function commands(): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, World>>> {
  const step = (label: string, act: (world: World) => Promise<unknown>): Step => new Step(label, act);
  const now = (label: string, act: (world: World) => void): Step =>
    step(label, (world) => {
      act(world);
      return Promise.resolve();
    });
  const save = fc.tuple(fc.nat(2), fc.constantFrom('report', 'locate', 'result', 'note' as const)).map(([photos, kind]) =>
    step(`save ${kind} ${photos}`, async (world) => keep(world, await world.page(), photos, kind)),
  );
  const send = fc.constant(step('send', async (world) => calmly((await world.page()).outbox.sendNow())));
  const faults = fc.array(fc.constantFrom('none', 'lost_request', 'lost_reply', 'portal', 'bad_gateway' as const), { minLength: 1, maxLength: 8 });
  const killed = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean()).map(([steps, after]) =>
    step(`killed after ${steps}${after ? '+' : ''}`, async (world) => {
      await world.close();
      const dying = await world.tab(steps, after).catch(() => null);
      if (dying !== null) {
        await keep(world, dying, 1, 'report');
        await calmly(dying.outbox.sendNow());
      }
      await world.close();
    }),
  );
  return fc.commands(
    [
      save, save, send, send, killed,
      faults.map((some) => now(`faults ${some.join()}`, (world) => (world.faults = [...some]))),
      fc.boolean().map((offline) => now(offline ? 'offline' : 'online', (world) => (world.offline = offline))),
      fc.constant(now('cut a reply', (world) => (world.cut = true))),
      fc.constant(
        step('two tabs', async (world) => {
          const [one, two] = [await world.page(), await world.tab()];
          await Promise.all([calmly(one.outbox.sendNow()), calmly(two.outbox.sendNow())]);
        }),
      ),
      fc.constantFrom(...PEOPLE).map(({ email }) => step(`sign in ${email}`, async (world) => (await world.page()).outbox.signIn(email, 'right'))),
      fc.constant(now('session ends', (world) => (world.council.user = null))),
      fc.constant(now('restored from backup', (world) => world.restore())),
      fc.constant(step('check with the council', async (world) => calmly((await world.page()).outbox.checkWithCouncil()))),
      fc.boolean().map((full) => now(full ? 'full' : 'room again', (world) => (world.full = full))),
      fc.constantFrom(-730, -1, 1, 8, 31, 730).map((days) => now(`clock ${days} days`, (world) => (world.skew += days * DAY))),
      fc.constantFrom(1, 8, 31).map((days) =>
        now(`${days} days pass`, (world) => {
          world.time += days * DAY;
          world.weeksWent ||= days > 1;
        }),
      ),
      fc.boolean().map((wait) => step(wait ? 'photos wait' : 'photos go', (world) => world.letPhotosWait(wait))),
      fc.constantFrom<Link>('wifi', 'mobile', 'unknown').map((link) => now(link, (world) => (world.link = link))),
      fc.constant(
        now('a case comes', (world) => {
          world.rows += 1;
          world.council.changes.push(caseRow(`c${world.rows}`));
        }),
      ),
    ],
    { maxCommands: 22, size: 'max' },
  );
}

const caseRow = (id: string): Change => ({
  type: 'case', id, rev: 1,
  put: {
    reference: id, kind: 'fly_tip', category: 'fly_tip', state: 'new', label: null, lat: null, lon: null,
    opened_at: '2026-11-20T07:11:03Z', thumb_photo_id: null, hazards: [],
  },
});

/** Everything is well again but the link: each person signs in, all text arrives, and not a byte of photos that wait for Wi-Fi. */
async function settle(world: World): Promise<void> {
  await world.close();
  Object.assign(world, { faults: [], offline: false, cut: false, full: false, link: 'mobile' });
  await world.letPhotosWait(true);
  for (const { email } of PEOPLE) {
    await arrive(world, email, ({ state }) => ['received', 'photos', 'safe'].includes(state));
    await world.check();
  }
  world.link = 'wifi';
  for (const { email } of PEOPLE) await arrive(world, email, ({ state }) => state === 'safe');
  await photosAreThere(world);
}

/** This person signs in, and everything of theirs comes as far as it may; all their text is there then. */
async function arrive(world: World, email: string, isThere: (item: OutboxItem) => boolean): Promise<void> {
  const { outbox } = await world.page();
  await outbox.signIn(email, 'right');
  await outbox.checkWithCouncil();
  const left = (): OutboxItem[] => outbox.items.value.filter((item) => !isThere(item));
  for (let i = 0; i < 10 && left().length > 0; i++) {
    world.time += 1_000;
    await outbox.sendNow();
  }
  expect(left().filter(({ state }) => state !== 'needs_you').map(({ words }) => words)).toEqual([]);
  const id = PEOPLE.find((person) => person.email === email)?.id;
  expect(world.promised.filter(({ userId, opId }) => userId === id && world.council.applied.get(opId)?.userId !== id)).toEqual([]);
}

/** Byte for byte. */
async function photosAreThere(world: World): Promise<void> {
  for (const photo of world.promised.flatMap(({ photos }) => photos)) {
    const there = world.council.photos.get(photo.id);
    // After a restore, one that had been checked long ago may be gone from both: then its report says so.
    if (there === undefined) expect(await isToldOf(world, photo.id)).toBe(true);
    else expect(Buffer.compare(there, new Uint8Array(photo.bytes))).toBe(0);
  }
}

async function isToldOf(world: World, photoId: string): Promise<boolean> {
  const { db } = await world.page();
  const row = await db.run((handle) => handle.get('photos', photoId));
  return row?.state === 'needs_you' && row.problem !== null && row.purgedAt !== null;
}

const RUNS = Number(process.env.PROPERTY_RUNS ?? 40);
let phones = 0;

describe('what the phone has called saved', () => {
  it('is on the server once or visible on the phone, whatever happens in any order, and arrives in the end', async () => {
    await fc.assert(
      fc.asyncProperty(commands(), async (steps) => {
        const world = new World(`model-${phones++}`);
        await (await world.page()).outbox.signIn(USER.email, 'right');
        await fc.asyncModelRun(() => ({ model: {}, real: world }), steps);
        await settle(world);
        await world.close();
      }),
      { numRuns: RUNS },
    );
  }, 120_000 + RUNS * 1_000);

  it('is sent once however the answers of two tabs without locks interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = new World(`model-${phones++}`);
        const shuffled = scheduler.scheduleFunction(world.fetch as (input: unknown, init?: unknown) => Promise<Response>) as typeof fetch;
        const given = { fetch: shuffled, locks: undefined, now: () => world.time + world.skew };
        const first = await openPage(world.council, world.name, { ...given, fetch: world.fetch });
        await first.outbox.signIn(USER.email, 'right');
        const tabs = await Promise.all([openPage(world.council, world.name, given), openPage(world.council, world.name, given)]);
        const photo = await photoOf('evidence');
        const one = await first.outbox.saveReport(reportInput(), [photo]);
        const two = await first.outbox.saveReport(reportInput(), []);
        const sending = tabs.map(({ outbox }) => outbox.sendNow());
        const late = tabs[0].outbox.saveNote({ case: 'c0' }, 'Meanwhile');
        await scheduler.waitFor(Promise.all([...sending, late]));
        const rest = Promise.all(tabs.map(({ outbox }) => outbox.sendNow()));
        await scheduler.waitFor(rest);
        const { opId } = await late;
        expect(new Set(world.council.applied.keys())).toEqual(new Set([one.opId, two.opId, opId]));
        expect(world.council.applications).toBe(3);
        expect(Buffer.from(world.council.photos.get(photo.id) ?? []).toString()).toBe('evidence');
        await Promise.all([first, ...tabs].map(({ db }) => db.close()));
      }),
      { numRuns: 10 },
    );
  }, 120_000);
});
