import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { NewPhoto } from '../../src/outbox';
import type { PublicOutbox } from '../../src/outbox/public';
import type { Council } from '../council';
import { HardDb, Killed, oneLock, photoOf } from './phone';
import { input, nobody, open } from './resident';

/**
 * A resident's phone, a council, and everything that can go wrong between them in any order. After each step: phone bytes
 * never purged before `verified`, and then not while the council, when last asked, did not have them; every report shown as
 * saved is at the council once, or visible on the phone. In the end every photo is there byte for byte, or its report says
 * that nobody has it.
 */

const DAY = 86_400_000;

class World {
  readonly council: Council = nobody();
  readonly promised: { id: string; photos: NewPhoto[] }[] = [];
  readonly locks = oneLock();
  time = Date.parse('2026-11-20T08:00:00Z');
  skew = 0;
  full = false;
  offline = false;
  faults: ReturnType<Council['fault']>[] = [];
  weeksWent = false;
  private readonly name: string;
  /** What the council last told this phone it has checked. */
  private readonly verified = new Set<string>();
  private readonly gone = new Set<string>();
  private db: HardDb | null = null;
  private outbox: PublicOutbox | null = null;

  constructor(name: string) {
    this.name = name;
    this.council.clock = () => this.time;
    this.council.fault = () => (this.offline ? 'lost_request' : (this.faults.shift() ?? 'none'));
  }

  private readonly fetch: typeof fetch = async (given, init) => {
    const answer = await this.council.fetch(given, init);
    const [, report] = (given as string).split('/public/reports/s-');
    if (report === undefined) return answer;
    const lost = answer.status === 404 ? this.promised.filter(({ id }) => id === report).flatMap(({ photos }) => photos) : [];
    for (const { id } of lost) this.verified.delete(id);
    const said = (await answer.clone().json().catch(() => ({}))) as { verified_photos?: string[]; missing_photos?: string[] };
    for (const id of said.verified_photos ?? []) this.verified.add(id);
    for (const id of said.missing_photos ?? []) this.verified.delete(id);
    return answer;
  };

  async page(steps = Infinity, afterCommit = false): Promise<PublicOutbox> {
    this.db ??= new HardDb(this.name, () => this.full, steps, afterCommit);
    this.outbox ??= await open(this.council, this.name, { db: this.db, fetch: this.fetch, locks: this.locks, now: () => this.time + this.skew });
    return this.outbox;
  }

  async close(): Promise<void> {
    await this.db?.close();
    [this.db, this.outbox] = [null, null];
  }

  /** What a page hears and is killed over before it wrote it down, the phone was never told. */
  async killed(act: () => Promise<void>): Promise<void> {
    const told = [...this.verified];
    await this.close();
    await act();
    await this.close();
    for (const id of told) this.verified.add(id);
  }

  async check(): Promise<void> {
    const outbox = await this.page();
    const shown = new Set(outbox.items.value.map(({ id }) => id));
    for (const { id, photos } of this.promised) {
      expect(this.council.publicReports.has(id) || shown.has(id)).toBe(true);
      for (const photo of photos) {
        if ((await outbox.photo(photo.id)) !== null || this.gone.has(photo.id)) continue;
        expect(this.verified).toContain(photo.id);
        this.gone.add(photo.id);
      }
    }
  }

  /** Last night's backup comes back. Not after weeks: what the council has long had, the phone has let go of. */
  restore(): void {
    if (this.weeksWent) return;
    this.council.publicReports.clear();
    this.council.photos.clear();
    this.council.uploads.clear();
  }
}

const surviving = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    // A dead page or a full phone: nothing was promised then.
    if (!(error instanceof Killed) && !(error instanceof Error && error.name === 'SaveError')) throw error;
  });

async function keep(world: World, outbox: PublicOutbox, count: number): Promise<void> {
  const report = input();
  const photos = await Promise.all(Array.from({ length: count }, (_, i) => photoOf(`${report.id} picture ${i}`)));
  await surviving(outbox.save(report, photos, {}).then(() => world.promised.push({ id: report.id, photos })));
}

/** A save that finds no room makes some, by what may go. */
async function saveWithoutRoom(world: World): Promise<void> {
  world.full = true;
  await keep(world, await world.page(), 1);
  world.full = false;
}

const killed = (world: World, left: number, after: boolean): Promise<void> =>
  world.killed(async () => {
    const dying = await world.page(left, after).catch(() => null);
    if (dying === null) return;
    await keep(world, dying, 1);
    await surviving(dying.sendNow());
  });

type Step = readonly [label: string, act: (world: World) => unknown];

const steps = (): fc.Arbitrary<Step> => {
  const always = (label: string, act: Step[1]): fc.Arbitrary<Step> => fc.constant([label, act]);
  const send = always('send', async (world) => surviving((await world.page()).sendNow()));
  const save = fc.nat(2).map((count): Step => [`save ${count}`, async (world) => keep(world, await world.page(), count)]);
  const kinds = fc.constantFrom('none', 'lost_request', 'lost_reply', 'portal', 'bad_gateway' as const);
  return fc.oneof(
    save, save, send, send, send, always('save without room', saveWithoutRoom), always('save without room', saveWithoutRoom),
    fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()).map(([left, after]): Step => [`killed after ${left}${after ? '+' : ''}`, (world) => killed(world, left, after)]),
    fc.array(kinds, { minLength: 1, maxLength: 8 }).map((some): Step => [`faults ${some.join()}`, (world) => (world.faults = [...some])]),
    fc.boolean().map((offline): Step => [offline ? 'offline' : 'online', (world) => (world.offline = offline)]),
    fc.boolean().map((checks): Step => [checks ? 'checks photos' : 'checks no photos', (world) => (world.council.verifies = checks)]),
    fc.constantFrom(-730, -1, 1, 8, 31, 730).map((days): Step => [`clock ${days} days`, (world) => (world.skew += days * DAY)]),
    fc.constantFrom(1, 1, 8, 8, 31).map((days): Step => [
      `${days} days pass`,
      (world) => {
        world.time += days * DAY;
        world.weeksWent ||= days > 1;
      },
    ]),
    always('restored from backup', (world) => world.restore()),
  );
};

/** All is well again: everything comes, and what was checked long ago and lost since is told. */
async function settle(world: World): Promise<void> {
  await world.close();
  Object.assign(world, { faults: [], offline: false, full: false });
  world.council.verifies = true;
  const outbox = await world.page();
  for (let round = 0; round < 12; round++) {
    world.time += DAY;
    await outbox.sendNow();
    await world.check();
  }
  for (const { id, photos } of world.promised) {
    expect(world.council.publicReports.has(id)).toBe(true);
    for (const photo of photos) {
      const there = world.council.photos.get(photo.id);
      const shown = outbox.items.value.find((item) => item.id === id)?.photoList.find((one) => one.id === photo.id);
      if (there === undefined) expect(shown?.state).toBe('needs_you');
      else expect(Buffer.compare(there, new Uint8Array(photo.bytes))).toBe(0);
    }
  }
}

const RUNS = Number(process.env.PROPERTY_RUNS ?? 40);
let phones = 0;

describe('what a resident’s phone has called saved', () => {
  it('never leaves the phone before the council has checked it, whatever happens in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps(), { maxLength: 40, size: 'max' }), async (history) => {
        const world = new World(`public-model-${phones++}`);
        for (const [, act] of history) {
          await act(world);
          await world.check();
        }
        await settle(world);
        await world.close();
      }),
      { numRuns: RUNS },
    );
  }, 120_000 + RUNS * 1_000);
});
