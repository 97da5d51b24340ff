import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Link, NewPhoto, OutboxItem } from '../../src/outbox';
import { newId } from '../../src/shared/ids';
import type { Change } from '../../src/wire/types';
import { Council, type Seat, USER } from '../council';
import { Killed, type Phone, openPage, photoOf, reportInput } from './phone';
import { type ModelPhone, PEOPLE, World, newest } from './world';

/**
 * Two phones, two people who change hands between them, one council, and everything that can go wrong in any order. After
 * each step hold, word for word: every op shown as saved is on the server once, or visible on the phone; no op twice; every
 * manifest photo verified byte for byte (in the end); all phones in one scope converge (in the end); nothing under the wrong
 * user; the cursor never passes an unseen row; phone bytes never purged before `verified`. And no photo byte goes over a
 * link that is not Wi-Fi while photos wait for Wi-Fi, and text goes all the same.
 */

const DAY = 86_400_000;

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

async function keep(of: ModelPhone, phone: Phone, photos: number, kind: 'report' | 'locate' | 'result' | 'note'): Promise<void> {
  const session = phone.outbox.session.value;
  const userId = 'user' in session ? session.user.id : '';
  const given = await Promise.all(Array.from({ length: photos }, (_, i) => photoOf(`${newId()} picture ${i} ${'x'.repeat(i * 9)}`)));
  // No two things that are saved say the same: what is there twice is one of them doubled.
  const pin = { lat: 52.5, lon: -1.5 - Math.random(), accuracy_m: null, source: 'pin', fixed_at: '2026-11-20T07:10:00Z' } as const;
  try {
    if (kind === 'note') await promise(phone.outbox.saveNote({ case: 'c0' }, `Seen again ${newId()}`), []);
    else if (kind === 'result') await promise(phone.outbox.saveJobResult('j0', { result: 'done', reason: newId(), photos: given }), given);
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
    of.promised.push({ opId, itemId: itemId ?? opId, userId, photos: photosOf });
  }
}

const calmly = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });

type Act = (phone: ModelPhone, world: World) => unknown;

/** The same step on the one or the other phone. */
const onOne = (label: string, act: Act): fc.Arbitrary<Step> =>
  fc.nat(1).map((which) => new Step(`${label} [${'ab'.charAt(which)}]`, async (world) => await act(world.phones[which === 0 ? 0 : 1], world)));

const sendFrom = async (phone: ModelPhone): Promise<unknown> => calmly((await phone.page()).outbox.sendNow());

/** The page goes while it saves or sends. */
async function killed(phone: ModelPhone, steps: number, after: boolean): Promise<void> {
  await phone.close();
  const dying = await phone.tab(steps, after).catch(() => null);
  if (dying !== null) {
    await keep(phone, dying, 1, 'report');
    await calmly(dying.outbox.sendNow());
  }
  await phone.close();
}

async function twoTabs(phone: ModelPhone): Promise<void> {
  const [one, two] = [await phone.page(), await phone.tab()];
  await Promise.all([calmly(one.outbox.sendNow()), calmly(two.outbox.sendNow())]);
}

/** The phone is handed over while it sends, as happens at the end of a shift. */
async function changeHands(phone: ModelPhone, email: string): Promise<void> {
  const { outbox } = await phone.page();
  await Promise.all([calmly(outbox.sendNow()), calmly(outbox.signIn(email, 'right'))]);
}

/** Something is on its way when another tab, or the desk, signs somebody else in, and this page does not know yet. */
async function handedOver(phone: ModelPhone, calls: number, to: Seat['user']): Promise<void> {
  await keep(phone, await phone.page(), 1, 'report');
  phone.handOver = { calls, to };
  await sendFrom(phone);
}

/** What happens on a phone. */
function deeds(): fc.Arbitrary<Step>[] {
  const save = fc.tuple(fc.nat(2), fc.constantFrom('report', 'locate', 'result', 'note' as const)).chain(([photos, kind]) =>
    onOne(`save ${kind} ${photos}`, async (phone) => keep(phone, await phone.page(), photos, kind)),
  );
  const faults = fc.array(fc.constantFrom('none', 'lost_request', 'lost_reply', 'portal', 'bad_gateway' as const), { minLength: 1, maxLength: 8 });
  const email = fc.constantFrom(...PEOPLE).map((person) => person.email);
  return [
    save, save, onOne('send', sendFrom), onOne('send', sendFrom),
    fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean()).chain(([steps, after]) =>
      onOne(`killed after ${steps}${after ? '+' : ''}`, (phone) => killed(phone, steps, after)),
    ),
    faults.chain((some) => onOne(`faults ${some.join()}`, (phone) => void (phone.faults = [...some]))),
    fc.boolean().chain((offline) => onOne(offline ? 'offline' : 'online', (phone) => void (phone.offline = offline))),
    onOne('cut a reply', (phone) => void (phone.cut = true)),
    onOne('two tabs', twoTabs),
    email.chain((to) => onOne(`sign in ${to}`, async (phone) => (await phone.page()).outbox.signIn(to, 'right'))),
    email.chain((to) => onOne(`change hands to ${to}`, (phone) => changeHands(phone, to))),
    fc.tuple(fc.nat(4), fc.constantFrom(...PEOPLE)).chain(([calls, to]) =>
      onOne(`the session is ${to.email} after ${calls} calls`, (phone) => handedOver(phone, calls, to)),
    ),
    onOne('session ends', ({ seat }) => void (seat.user = null)),
    onOne('check with the council', async (phone) => calmly((await phone.page()).outbox.checkWithCouncil())),
    fc.boolean().chain((full) => onOne(full ? 'full' : 'room again', (phone) => void (phone.full = full))),
    fc.constantFrom(-730, -1, 1, 8, 31, 730).chain((days) => onOne(`clock ${days} days`, (phone) => void (phone.skew += days * DAY))),
    fc.boolean().chain((wait) => onOne(wait ? 'photos wait' : 'photos go', (phone) => phone.letPhotosWait(wait))),
    fc.constantFrom<Link>('wifi', 'mobile', 'unknown').chain((link) => onOne(link, (phone) => void (phone.link = link))),
  ];
}

/** What happens to both phones, or at the council. */
function events(): fc.Arbitrary<Step>[] {
  const now = (label: string, act: (world: World) => void): Step =>
    new Step(label, (world) => {
      act(world);
      return Promise.resolve();
    });
  const news = fc.tuple(fc.constantFrom('c1', 'c2'), fc.boolean()).map(([id, there]) =>
    now(`${id} ${there ? 'changes' : 'goes'}`, (world) => {
      world.rows += 1;
      world.council.changes.push(there ? caseRow(id, world.rows) : { type: 'case', id, rev: world.rows, del: true });
    }),
  );
  return [
    news, news,
    fc.constant(new Step('both send', (world) => Promise.all(world.phones.map(sendFrom)))),
    fc.constant(now('restored from backup', (world) => world.restore())),
    fc.constantFrom(1, 8, 31).map((days) =>
      now(`${days} days pass`, (world) => {
        world.time += days * DAY;
        world.weeksWent ||= days > 1;
      }),
    ),
  ];
}

const commands = (): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, World>>> => fc.commands([...deeds(), ...events()], { maxCommands: 30, size: 'max' });

const caseRow = (id: string, rev: number): Change => ({
  type: 'case', id, rev,
  put: {
    reference: id, kind: 'fly_tip', category: 'fly_tip', state: 'new', label: null, lat: null, lon: null,
    opened_at: '2026-11-20T07:11:03Z', thumb_photo_id: null, hazards: [],
  },
});

/** Everything is well again but the link: each person signs in, all text arrives, and not a byte of photos that wait for Wi-Fi. */
async function settle(world: World): Promise<void> {
  await world.close();
  for (const phone of world.phones) {
    Object.assign(phone, { faults: [], offline: false, cut: false, handOver: null, full: false, link: 'mobile' });
    await phone.letPhotosWait(true);
    for (const { email } of PEOPLE) await arrive(world, phone, email, ({ state }) => ['received', 'photos', 'safe'].includes(state));
    await world.check();
    phone.link = 'wifi';
    for (const { email } of PEOPLE) await arrive(world, phone, email, ({ state }) => state === 'safe');
  }
  await photosAreThere(world);
  await converged(world);
}

/** This person signs in, and everything of theirs comes as far as it may; all their text is there then. */
async function arrive(world: World, phone: ModelPhone, email: string, isThere: (item: OutboxItem) => boolean): Promise<void> {
  const { outbox } = await phone.page();
  await outbox.signIn(email, 'right');
  await outbox.checkWithCouncil();
  const left = (): OutboxItem[] => outbox.items.value.filter((item) => !isThere(item));
  for (let i = 0; i < 10 && left().length > 0; i++) {
    world.time += 1_000;
    await outbox.sendNow();
  }
  expect(left().filter(({ state }) => state !== 'needs_you').map(({ words }) => words)).toEqual([]);
  const id = PEOPLE.find((person) => person.email === email)?.id;
  expect(phone.promised.filter(({ userId, opId }) => userId === id && world.council.applied.get(opId)?.userId !== id)).toEqual([]);
}

/** Every phone shows what the council has, to the last revision. */
async function converged({ council, phones }: World): Promise<void> {
  for (const phone of phones) {
    const { outbox, db } = await phone.page();
    await outbox.sendNow();
    const rows = await db.run((handle) => handle.getAll('case'));
    expect(new Map(rows.map(({ id, rev }) => [id, rev]))).toEqual(newest(council, council.changes.length));
  }
}

/** Byte for byte. */
async function photosAreThere({ council, phones }: World): Promise<void> {
  for (const phone of phones) {
    for (const photo of phone.promised.flatMap(({ photos }) => photos)) {
      const there = council.photos.get(photo.id);
      // After a restore, one that had been checked long ago may be gone from both: then its report says so.
      if (there === undefined) expect(await isToldOf(phone, photo.id)).toBe(true);
      else expect(Buffer.compare(there, new Uint8Array(photo.bytes))).toBe(0);
    }
  }
}

async function isToldOf(phone: ModelPhone, photoId: string): Promise<boolean> {
  const { db } = await phone.page();
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
        for (const [index, { email }] of PEOPLE.entries()) await (await world.phones[index as 0 | 1].page()).outbox.signIn(email, 'right');
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
        const [council, name] = [new Council(), `model-${phones++}`];
        const shuffled = scheduler.scheduleFunction(council.fetch as (input: unknown, init?: unknown) => Promise<Response>) as typeof fetch;
        const given = { fetch: shuffled, locks: undefined };
        const first = await openPage(council, name, { ...given, fetch: council.fetch });
        await first.outbox.signIn(USER.email, 'right');
        const tabs = await Promise.all([openPage(council, name, given), openPage(council, name, given)]);
        const photo = await photoOf('evidence');
        const one = await first.outbox.saveReport(reportInput(), [photo]);
        const two = await first.outbox.saveReport(reportInput(), []);
        const sending = tabs.map(({ outbox }) => outbox.sendNow());
        const late = tabs[0].outbox.saveNote({ case: 'c0' }, 'Meanwhile');
        await scheduler.waitFor(Promise.all([...sending, late]));
        const rest = Promise.all(tabs.map(({ outbox }) => outbox.sendNow()));
        await scheduler.waitFor(rest);
        const { opId } = await late;
        expect(new Set(council.applied.keys())).toEqual(new Set([one.opId, two.opId, opId]));
        expect(council.applications).toBe(3);
        expect(Buffer.from(council.photos.get(photo.id) ?? []).toString()).toBe('evidence');
        await Promise.all([first, ...tabs].map(({ db }) => db.close()));
      }),
      { numRuns: 10 },
    );
  }, 120_000);
});
