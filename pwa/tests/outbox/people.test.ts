import { describe, expect, it } from 'vitest';

import type { Outbox } from '../../src/outbox';
import { Council, OTHER, USER, problem } from '../council';
import { openPage, openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `people-${phones++}`;
const DAY = 86_400_000;

/** A file with everything unsent, made and kept. */
const keepFile = async (outbox: Outbox): Promise<void> => outbox.markExported(await outbox.exportUnsent());

describe('two people on one phone', () => {
  it('see each other’s unsent things as a number and a name only; they go when their owner is back', async () => {
    const council = new Council();
    const name = fresh();
    const { outbox } = await openSignedIn(council, name);
    council.fault = () => 'lost_request';
    for (let i = 0; i < 3; i++) await outbox.saveReport(reportInput({ description: 'hers' }), []);
    council.fault = () => 'none';
    await outbox.signIn('other@demo.example', 'right');
    expect(outbox.session.value).toMatchObject({ user: OTHER });
    expect(outbox.items.value).toEqual([]);
    expect(outbox.waiting.value).toBe(0);
    expect(outbox.others.value).toEqual([{ id: USER.id, name: 'A. Smith', waiting: 3 }]);
    await outbox.saveReport(reportInput({ description: 'his' }), []);
    await outbox.sendNow();
    expect([...council.applied.values()].map(({ userId }) => userId)).toEqual([OTHER.id]);
    await outbox.signIn('crew@demo.example', 'right');
    await outbox.sendNow();
    expect([...council.applied.values()].filter(({ payload }) => payload.includes('hers')).map(({ userId }) => userId)).toEqual([USER.id, USER.id, USER.id]);
    expect(outbox.others.value).toEqual([]);
  });

  it('do not wait for each other, also where both said something of the same case', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveNote({ case: 'c0' }, 'hers');
    await outbox.signIn('other@demo.example', 'right');
    const his = await outbox.saveNote({ case: 'c0' }, 'his');
    await outbox.sendNow();
    expect([...council.applied.keys()]).toEqual([his.opId]);
    expect(outbox.items.value.map(({ state }) => state)).toEqual(['safe']);
  });

  it('are counted on the sign-in screen too, with nobody signed in', async () => {
    const council = new Council();
    const name = fresh();
    const { outbox } = await openSignedIn(council, name);
    await outbox.saveReport(reportInput(), []);
    await keepFile(outbox);
    expect(await outbox.signOut()).toEqual({ ok: true });
    expect(outbox.others.value).toEqual([{ id: USER.id, name: 'A. Smith', waiting: 1 }]);
  });

  it('never find each other’s unsaved reports and results in the forms', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const input = reportInput();
    await outbox.drafts.put({ id: input.id, updatedAt: input.seen_at, fields: {} }, [await photoOf('hers')]);
    await outbox.drafts.put({ id: 'd1', job: 'j1', updatedAt: input.seen_at, fields: {} }, []);
    await outbox.signIn('other@demo.example', 'right');
    expect(await outbox.drafts.list()).toEqual([]);
    expect(await outbox.drafts.results()).toEqual([]);
    await outbox.signIn('crew@demo.example', 'right');
    expect((await outbox.drafts.results()).map(({ id }) => id)).toEqual(['d1']);
    expect((await outbox.drafts.list()).map(({ id }) => id)).toEqual([input.id]);
  });
});

describe('a phone that changes hands in the middle of a drain', () => {
  const namesOf = (council: Council): string[] => [...new Set([...council.applied.values()].map(({ userId }) => userId))];

  it('sends nothing more of the first person under the other’s name, and the rest when they are back', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    for (let i = 0; i < 53; i++) await outbox.saveReport(reportInput(), []);
    let pushes = 0;
    council.fault = ({ path }) => {
      if (path.endsWith('/push') && ++pushes === 2) council.user = OTHER; // at the desk, in another tab
      return 'none';
    };
    await outbox.sendNow();
    expect([council.applied.size, namesOf(council)]).toEqual([50, [USER.id]]);
    expect(outbox.session.value).toMatchObject({ user: OTHER });
    expect(outbox.others.value).toEqual([{ id: USER.id, name: 'A. Smith', waiting: 3 }]);
    council.user = USER;
    await outbox.sendNow();
    expect([council.applied.size, namesOf(council)]).toEqual([53, [USER.id]]);
    expect(outbox.items.value.every(({ state }) => state === 'safe')).toBe(true);
  });

  it('hands nothing that needs the first person to an officer in the other’s name', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'rejected', problem: problem(422, 'invalid_payload') });
    await outbox.saveReport(reportInput(), []);
    council.fault = ({ path }) => {
      if (path.endsWith('/deadletter') && council.deadLetters.size === 0) council.user = OTHER;
      return 'none';
    };
    await outbox.sendNow();
    expect(council.deadLetters.size).toBe(0);
    expect(outbox.session.value).toMatchObject({ user: OTHER });
    council.fault = () => 'none';
    council.user = USER;
    await outbox.sendNow();
    expect(council.deadLetters.size).toBe(1);
    expect(outbox.items.value).toMatchObject([{ state: 'needs_you' }]);
  });

  it('lets nobody in or out here before what is being sent has been answered, and begins nothing after it', async () => {
    for (const change of ['in', 'out'] as const) {
      const council = new Council();
      const { outbox } = await openSignedIn(council, fresh());
      for (let i = 0; i < 53; i++) await outbox.saveReport(reportInput(), []);
      await outbox.markExported(await outbox.exportUnsent());
      const changed: Promise<unknown>[] = [];
      council.fault = ({ path }) => {
        if (path.endsWith('/push') && changed.length === 0) changed.push(change === 'in' ? outbox.signIn('other@demo.example', 'right') : outbox.signOut());
        return 'none';
      };
      council.calls.length = 0;
      await outbox.sendNow();
      expect(await Promise.all(changed)).toEqual([{ ok: true }]);
      const made = council.calls.map(({ method, path }) => `${method} ${path.replace('/api/v1/', '')}`);
      expect(made.filter((call) => /session|push|pull/.test(call))).toEqual(['GET session', 'POST sync/push', change === 'in' ? 'POST session' : 'DELETE session']);
      expect(outbox.others.value).toMatchObject([{ id: USER.id, waiting: 3 }]);
      await outbox.signIn('crew@demo.example', 'right');
      await outbox.sendNow();
      expect([council.applied.size, namesOf(council)]).toEqual([53, [USER.id]]);
    }
  });
});

describe('a phone that was switched off', () => {
  it('says so, also after it was opened again without signal, keeps everything, and goes on when it is let in again', async () => {
    const council = new Council();
    const name = fresh();
    const first = await openSignedIn(council, name);
    council.revoked = true;
    await first.outbox.saveReport(reportInput(), [await photoOf('evidence')]);
    await first.outbox.sendNow();
    expect(first.outbox.session.value.status).toBe('revoked');
    expect(first.outbox.notice.value).toBe('This phone was switched off');
    await first.db.close();

    council.fault = () => 'lost_request';
    const { outbox } = await openPage(council, name);
    expect(outbox.notice.value).toBe('This phone was switched off');
    expect(outbox.items.value[0]).toMatchObject({ state: 'saved', words: 'Saved on this phone', waiting: true });
    await outbox.saveNote({ job: 'j1' }, 'Still saves');
    expect((await outbox.exportUnsent()).items).toBe(2);

    council.fault = () => 'none';
    council.revoked = false;
    await outbox.sendNow();
    expect(outbox.notice.value).toBeNull();
    expect(outbox.session.value.status).toBe('signed_in');
    expect(council.applied.size).toBe(2);
  });
});

describe('a session that ended', () => {
  it('leaves 14 days to go on, counted from when the council last knew the person, and loses nothing after them', async () => {
    let now = Date.parse('2026-11-20T08:00:00Z');
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    expect(outbox.session.value).toMatchObject({ graceEndsAt: new Date(now + 14 * DAY).toISOString() });
    council.user = null;
    await outbox.sendNow();
    expect(outbox.session.value).toMatchObject({ status: 'paused', graceEndsAt: new Date(now + 14 * DAY).toISOString() });
    now += 20 * DAY;
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({ state: 'paused', waiting: true });
    await outbox.signIn('crew@demo.example', 'right');
    await outbox.sendNow();
    expect(outbox.session.value).toMatchObject({ status: 'signed_in', graceEndsAt: new Date(now + 14 * DAY).toISOString() });
    expect(council.applied.size).toBe(1);
  });
});

describe('signing out', () => {
  it('is refused until what waits is sent or in a file, and what is in the file still goes later', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'waiting', waiting: 1 });
    await keepFile(outbox);
    await outbox.saveReport(reportInput(), []);
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'waiting', waiting: 2 });
    await keepFile(outbox);
    expect(await outbox.signOut()).toEqual({ ok: true });
    await outbox.signIn('crew@demo.example', 'right');
    await outbox.sendNow();
    expect(council.applied.size).toBe(2);
  });

  it('is refused while the file is made and not kept, and for what was saved after it was made', async () => {
    const { outbox } = await openSignedIn(new Council(), fresh());
    await outbox.saveReport(reportInput(), []);
    const file = await outbox.exportUnsent();
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'waiting', waiting: 1 });
    await outbox.saveReport(reportInput(), []);
    await outbox.markExported(file);
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'waiting', waiting: 2 });
  });

  it.each(['before', 'after'])('is refused for a photo that the council lost %s the file without it was kept', async (when) => {
    const council = new Council();
    council.acks = false;
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), [await photoOf('was checked')]);
    await outbox.sendNow();
    const file = await outbox.exportUnsent();
    if (when === 'after') await outbox.markExported(file);
    council.photos.clear();
    council.fault = ({ path }) => (path.endsWith('/uploads') ? 'lost_request' : 'none');
    await outbox.checkWithCouncil();
    if (when === 'before') await outbox.markExported(file);
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'waiting', waiting: 1 });
    await keepFile(outbox);
    expect(await outbox.signOut()).toEqual({ ok: true });
  });

  it.each(['before', 'after'])('is refused for what follows something that was mended %s the file was kept', async (when) => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.verdictFor = ({ op_id, payload }) =>
      payload.includes('refused') ? { op_id, verdict: 'rejected', problem: problem(422, 'invalid_payload') } : null;
    const refused = await outbox.saveNote({ job: 'j1' }, 'refused');
    await outbox.saveNote({ job: 'j1' }, 'follows');
    await outbox.sendNow();
    const file = await outbox.exportUnsent();
    if (when === 'after') await outbox.markExported(file);
    const mended = await outbox.mend(refused.opId, { text: 'mended', photoIds: [] });
    if (when === 'before') await outbox.markExported(file);
    council.verdictFor = ({ op_id }) => (op_id === mended.opId ? null : { op_id, verdict: 'retry', after_s: 60 });
    await outbox.sendNow();
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'waiting', waiting: 1 });
  });
});

it('tells the office with each pull how many things wait, since when, and which app this is', async () => {
  const council = new Council();
  const { outbox } = await openSignedIn(council, fresh());
  await outbox.sendNow();
  await outbox.sendNow();
  expect(council.told).toMatchObject({ unsent: '0', app_version: expect.stringMatching(/^\d+\.\d+/) as string, clock_offset_ms: expect.any(String) as string });
  expect(council.told).not.toHaveProperty('oldest_unsent_at');
  council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'retry', after_s: 60 });
  const { savedAt } = await outbox.saveReport(reportInput(), []);
  await outbox.saveReport(reportInput(), []);
  await outbox.sendNow();
  expect(council.told).toMatchObject({ unsent: '2', oldest_unsent_at: savedAt });
});

it('is told that it is too old, goes on sending, and forgets it once the council can be read again', async () => {
  const council = new Council();
  const { outbox } = await openSignedIn(council, fresh());
  council.updateNeeded = true;
  await outbox.sendNow();
  expect(outbox.updateNeeded.value).toBe(true);
  await outbox.saveReport(reportInput(), []);
  await outbox.sendNow();
  expect(council.applied.size).toBe(1);
  council.updateNeeded = false;
  await outbox.sendNow();
  expect(outbox.updateNeeded.value).toBe(false);
});
