import { describe, expect, it } from 'vitest';

import { AUTHORITY, Council, OTHER, USER, problem } from '../council';
import { openPage, openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `sending-${phones++}`;
const DAY = 86_400_000;

describe('the life of a report', () => {
  it('goes from saved to safe, each word tied to a fact', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const seen = new Set<string>();
    outbox.items.subscribe((items) => items.forEach(({ words }) => seen.add(words)));
    await outbox.saveReport(reportInput(), [await photoOf('large large large'), await photoOf('small')]);
    await outbox.sendNow();
    expect([...seen]).toEqual([
      'Saved on this phone',
      'Sending',
      'Received by the council',
      'Photos 0 of 2 checked',
      'Safe, phone copy can go',
    ]);
    expect(outbox.waiting.value).toBe(0);
    expect(outbox.items.value[0]?.photos).toMatchObject({ expected: 2, uploaded: 2, verified: 2 });
  });

  it('sends text before photos and small photos before large', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const [large, small] = [await photoOf('a larger photo'), await photoOf('small')];
    await outbox.saveReport(reportInput(), [large, small]);
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    const order = council.calls.filter(({ path }) => path.endsWith('/push') || path.endsWith('/uploads'));
    expect(order.map(({ path }) => path)).toEqual(['/api/v1/sync/push', '/api/v1/uploads', '/api/v1/uploads']);
    expect(order.slice(1).map(({ body }) => (body as ArrayBuffer).byteLength)).toEqual([small.bytes.byteLength, large.bytes.byteLength]);
  });

  it('sends a small photo in one call, and again only when that was lost on its way', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const photos = [await photoOf('1'), await photoOf('22'), await photoOf('333')];
    await outbox.saveReport(reportInput(), photos);
    let creations = 0;
    council.fault = ({ path }) => (path === '/api/v1/uploads' && ++creations === 3 ? 'lost_request' : 'none');
    await outbox.sendNow();
    const order = council.calls.filter(({ path }) => path.includes('/uploads')).map(({ method }) => method);
    expect(order).toEqual(['POST', 'POST', 'POST', 'HEAD', 'POST']);
    for (const photo of photos) expect(council.photos.get(photo.id)?.byteLength).toBe(photo.bytes.byteLength);
  });

  it('splits a long queue into pushes of fifty and under a mebibyte', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    for (let i = 0; i < 53; i++) await outbox.saveReport(reportInput(), []);
    const long = 'é'.repeat(150_000);
    for (let i = 0; i < 4; i++) await outbox.saveReport(reportInput({ description: long }), []);
    await outbox.sendNow();
    const pushes = council.calls.filter(({ path }) => path.endsWith('/push')).map(({ body }) => body as string);
    expect(pushes.every((body) => new TextEncoder().encode(body).byteLength <= 1024 * 1024)).toBe(true);
    expect(council.applied.size).toBe(57);
    expect(outbox.waiting.value).toBe(0);
  });

  it('lets photo bytes go seven days after they were checked, and no earlier', async () => {
    let now = Date.parse('2026-11-20T08:00:00Z');
    const council = new Council();
    council.clock = () => now;
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    const photo = await photoOf('evidence');
    await outbox.saveReport(reportInput(), [photo]);
    await outbox.sendNow();
    now += 7 * DAY - 1;
    await outbox.sendNow();
    expect(await outbox.photo(photo.id)).not.toBeNull();
    now += 2;
    await outbox.sendNow();
    expect(await outbox.photo(photo.id)).toBeNull();
    expect(outbox.items.value[0]?.state).toBe('safe');
  });

  it('keeps everything when only the phone’s clock jumped ahead', async () => {
    let now = Date.parse('2026-11-20T08:00:00Z');
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    const photo = await photoOf('evidence');
    await outbox.saveReport(reportInput(), [photo]);
    await outbox.sendNow();
    now += 730 * DAY;
    await outbox.sendNow();
    expect(await outbox.photo(photo.id)).not.toBeNull();
    expect(outbox.items.value).toHaveLength(1);
  });

  it('never lets bytes go that no pull has called checked', async () => {
    let now = Date.parse('2026-11-20T08:00:00Z');
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    const photo = await photoOf('evidence');
    await outbox.saveReport(reportInput(), [photo]);
    Object.defineProperty(council.photos, 'keys', { value: () => [].values() });
    await outbox.sendNow();
    expect(outbox.items.value[0]?.words).toBe('Photos 0 of 1 checked');
    now += 60 * DAY;
    await outbox.sendNow();
    expect(await outbox.photo(photo.id)).not.toBeNull();
  });
});

describe('verdicts', () => {
  it('keeps what is rejected and says why', async () => {
    const council = new Council();
    council.verdictFor = ({ op_id }) => ({
      op_id,
      verdict: 'rejected',
      problem: { ...problem(422, 'invalid_payload', 'The report is missing something'), detail: 'category: this field is required' },
    });
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({
      state: 'needs_you',
      words: 'Needs you',
      note: 'The report is missing something: category: this field is required',
      waiting: true,
    });
    expect(council.calls.filter(({ path }) => path.endsWith('/push'))).toHaveLength(1);
  });

  it('counts a conflict as received, with a note', async () => {
    const council = new Council();
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'conflict', problem: problem(409, 'op_mismatch') });
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    expect(outbox.items.value[0]).toMatchObject({ state: 'received', waiting: false, note: expect.stringContaining('officer') as string });
  });

  it.each(['retry', 'waiting_for', 'something_new'] as const)('keeps what got "%s" and sends it when its time has come', async (verdict) => {
    let now = Date.parse('2026-11-20T08:00:00Z');
    const council = new Council();
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: verdict as 'retry', after_s: 30 });
    const { outbox } = await openSignedIn(council, fresh(), { now: () => now });
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    expect(outbox.items.value[0]?.state).toBe('saved');
    council.verdictFor = () => null;
    await outbox.saveReport(reportInput(), []);
    now += 1_000;
    await outbox.sendNow();
    expect(council.applied.size).toBe(2);
    expect(outbox.waiting.value).toBe(0);
  });

  it('does not let one operation the server chokes on hold up the others', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const bad = reportInput();
    for (const input of [reportInput(), bad, reportInput(), reportInput()]) await outbox.saveReport(input, []);
    const honest = council.fetch;
    const choking: typeof fetch = (input, init) =>
      typeof init?.body === 'string' && init.body.includes(bad.id)
        ? Promise.resolve(new Response(JSON.stringify(problem(500, 'server_error')), { status: 500, headers: { 'content-type': 'application/problem+json' } }))
        : honest(input, init);
    Object.assign(council, { fetch: choking });
    const { outbox: again } = await openPage(council, `sending-${phones - 1}`, { fetch: choking });
    await again.sendNow();
    expect(council.applied.size).toBe(3);
    expect(again.items.value.filter(({ waiting }) => waiting).map(({ id }) => id)).toEqual([bad.id]);
  });
});

describe('without the council', () => {
  it.each(['lost_request', 'portal', 'bad_gateway'] as const)('keeps everything as it was: %s', async (fault) => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), [await photoOf('one')]);
    council.fault = () => fault;
    await outbox.sendNow();
    expect(outbox.reach.value).toBe('no_network');
    expect(outbox.items.value[0]?.state).toBe('saved');
    council.fault = () => 'none';
    await outbox.sendNow();
    expect(outbox.reach.value).toBe('reached');
    expect(outbox.items.value[0]?.state).toBe('safe');
  });

  it('tells why the council takes nothing from this phone', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    const revoked = problem(403, 'device_revoked', 'This phone was switched off. Nothing on it is lost.');
    const { outbox: page } = await openPage(council, `sending-${phones - 1}`, {
      fetch: (input, init) =>
        (input as string).endsWith('/push')
          ? Promise.resolve(new Response(JSON.stringify(revoked), { status: 403, headers: { 'content-type': 'application/problem+json' } }))
          : council.fetch(input, init),
    });
    await page.sendNow();
    expect(page.notice.value).toBe('This phone was switched off. Nothing on it is lost.');
    expect(page.items.value[0]?.state).toBe('saved');
  });

  it('is not held back by waits set before the clock was put back', async () => {
    let now = Date.parse('2028-11-20T08:00:00Z');
    const council = new Council();
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'retry', after_s: 600 });
    const name = fresh();
    const { outbox, db } = await openSignedIn(council, name, { now: () => now });
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    expect((await db.run((handle) => handle.getAll('ops')))[0]?.nextAt).toBeGreaterThan(now);
    council.verdictFor = () => null;
    now = Date.parse('2026-11-20T08:00:00Z');
    const stop = outbox.start();
    await expect.poll(() => council.applied.size).toBe(1);
    stop();
  });
});

describe('people', () => {
  it('pauses on 401, counts no attempt, and goes on after signing in', async () => {
    const council = new Council();
    const { outbox, db } = await openSignedIn(council, fresh());
    council.user = null;
    await outbox.saveReport(reportInput(), []);
    await outbox.sendNow();
    expect(outbox.session.value).toMatchObject({ status: 'paused', user: USER });
    expect(outbox.items.value[0]).toMatchObject({ state: 'paused', words: 'Paused: sign in' });
    expect((await db.run((handle) => handle.getAll('ops')))[0]?.attempts).toBe(0);
    await outbox.saveReport(reportInput(), []);
    expect(await outbox.signIn('crew@demo.example', 'right')).toEqual({ ok: true });
    await outbox.sendNow();
    expect(council.applied.size).toBe(2);
  });

  it('never sends one person’s rows under another’s name', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    council.user = OTHER;
    await outbox.sendNow();
    expect(council.applied.size).toBe(0);
    expect(outbox.session.value).toMatchObject({ user: OTHER });
    expect(outbox.items.value).toEqual([]);
    council.user = USER;
    await outbox.sendNow();
    expect([...council.applied.values()].map(({ userId }) => userId)).toEqual([USER.id]);
  });

  it('refuses to sign out while something waits, and clears the read copy when it does', async () => {
    const council = new Council();
    council.changes.push({ type: 'job', id: 'j', rev: 1, del: true });
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.saveReport(reportInput(), []);
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'waiting', waiting: 1 });
    await outbox.sendNow();
    council.fault = () => 'lost_request';
    expect(await outbox.signOut()).toMatchObject({ ok: false, reason: 'no_network' });
    council.fault = () => 'none';
    expect(await outbox.signOut()).toEqual({ ok: true });
    expect(outbox.session.value).toEqual({ status: 'signed_out' });
    expect(outbox.data.asOf.value).toBeNull();
    expect(council.user).toBeNull();
  });

  it('says why a sign-in failed', async () => {
    const council = new Council();
    const { outbox } = await openPage(council, fresh());
    expect(await outbox.signIn('crew@demo.example', 'wrong')).toMatchObject({ ok: false, reason: 'refused', message: /not right/ });
    council.fault = () => 'portal';
    expect(await outbox.signIn('crew@demo.example', 'right')).toMatchObject({ ok: false, reason: 'no_network' });
  });

  it('enrols the phone under an id made once', async () => {
    const council = new Council();
    const name = fresh();
    const first = await openSignedIn(council, name);
    await first.outbox.sendNow();
    const id = council.deviceId;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    council.deviceId = null;
    await first.db.close();
    const second = await openPage(council, name);
    await second.outbox.sendNow();
    expect(council.deviceId).toBe(id);
  });

  it('enrols by the code of a link, which also signs in', async () => {
    const council = new Council();
    const { outbox } = await openPage(council, fresh());
    expect(await outbox.enrol('one-time-code')).toEqual({ ok: true });
    expect(outbox.session.value).toMatchObject({ status: 'signed_in', user: USER, authority: AUTHORITY });
    expect(council.calls.find(({ path }) => path.endsWith('/devices'))?.body).toContain('one-time-code');
  });
});

it('sends from one tab at a time', async () => {
  const council = new Council();
  const name = fresh();
  const { oneLock } = await import('./phone');
  const locks = oneLock();
  const first = await openSignedIn(council, name, { locks });
  const second = await openPage(council, name, { locks });
  for (let i = 0; i < 5; i++) await first.outbox.saveReport(reportInput(), []);
  await Promise.all([first.outbox.sendNow(), second.outbox.sendNow()]);
  expect(council.calls.filter(({ path }) => path.endsWith('/push'))).toHaveLength(1);
  expect(council.applications).toBe(5);
});

it('without locks, leases keep a second tab from sending the same rows', async () => {
  const council = new Council();
  const name = fresh();
  const first = await openSignedIn(council, name, { locks: undefined });
  const second = await openPage(council, name, { locks: undefined });
  await first.outbox.sendNow();
  for (let i = 0; i < 5; i++) await first.outbox.saveReport(reportInput(), []);
  await Promise.all([first.outbox.sendNow(), second.outbox.sendNow()]);
  const sent = council.calls
    .filter(({ path }) => path.endsWith('/push'))
    .flatMap(({ body }) => (JSON.parse(body as string) as { ops: unknown[] }).ops);
  expect(sent).toHaveLength(5);
});
