import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { ReadCopy } from '../../src/outbox/copy';
import { Db } from '../../src/outbox/db';
import type { OpRow } from '../../src/outbox/schema';
import { wireOp } from '../../src/outbox/store';
import { settle } from '../../src/outbox/verdicts';
import { receiptCode } from '../../src/shared/receipt';
import { sha256Text } from '../../src/shared/sha256';
import { Api } from '../../src/wire/api';
import { Client, Refused } from '../../src/wire/client';
import type { Problem, PullResponse, PushRequest, PushResponse, ReportCreate } from '../../src/wire/types';
import { Council, USER } from '../council';
import { openSignedIn, photoOf, reportInput } from '../outbox/phone';

function example(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../tests/contract/examples/${name}.json`, import.meta.url), 'utf8'));
}

function apiAnswering(status: number, body: unknown): Api {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  const answer = () => new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });
  return new Api(new Client({ fetch: () => Promise.resolve(answer()), now: () => 0 }));
}

/** The names and kinds of a value, its own values left out: what both sides must agree on. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((each) => JSON.stringify(shape(each))))].sort();
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).sort().map(([name, each]) => [name, shape(each)]));
}

const request = example('push.request') as PushRequest;

describe('the examples both sides read', () => {
  it('hash each payload’s own bytes', async () => {
    for (const op of request.ops) expect(await sha256Text(op.payload)).toBe(op.payload_sha256);
  });

  it('are what this phone writes, name for name', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, 'contract');
    await outbox.sendNow();
    await outbox.saveReport(reportInput({ hazards: ['sharps'] }), [await photoOf('a photo')]);
    const [created] = outbox.items.value;
    await outbox.locateReport(created?.id ?? '', { lat: 52.5, lon: -1.5, accuracy_m: null, source: 'pin', fixed_at: '2026-11-20T07:10:00Z' });
    await outbox.sendNow();
    const body = council.calls.find(({ path }) => path.endsWith('/push'))?.body as string;
    const { user_id, ...sent } = JSON.parse(body) as PushRequest; // the examples are also what older apps write
    expect(user_id).toBe(USER.id);
    expect(shape(sent)).toEqual(shape(request));
    sent.ops.forEach((op, i) => {
      expect(op.type).toBe(request.ops[i]?.type);
      expect(shape(JSON.parse(op.payload))).toEqual(shape(JSON.parse(request.ops[i]?.payload ?? '')));
    });
  });

  it('are answered: every verdict has its state', async () => {
    const { results } = example('push.response.verdicts') as PushResponse;
    const row = { state: 'queued', attempts: 0, rev: null } as OpRow;
    const states = results.map((result) => [result.verdict, settle(row, result, 0, () => 0).state]);
    expect(states).toEqual([
      ['duplicate', 'received'],
      ['conflict', 'received'],
      ['rejected', 'needs_you'],
      ['waiting_for', 'queued'],
      ['retry', 'queued'],
      ['merged', 'received'],
    ]);
    const answer = await apiAnswering(200, example('push.response')).push(request);
    expect(answer.results.map(({ verdict }) => verdict)).toEqual(['applied', 'applied']);
  });

  it('come down into the read copy', async () => {
    const page = example('pull.response') as PullResponse;
    const db = new Db('contract-pull');
    const copy = new ReadCopy(db);
    await copy.apply(await apiAnswering(200, page).pull(null, { unsent: 0, oldest_unsent_at: null, app_version: '1', clock_offset_ms: null }), { userId: 'u', authorityId: 'a' }, 0);
    for (const change of page.changes) {
      const rows = (await copy.rows(change.type)).filter(({ id }) => id === change.id);
      expect(rows.map(({ row }) => row)).toEqual(change.put === undefined ? [] : [change.put]);
    }
    expect((await db.meta('cursor'))?.cursor).toBe(page.cursor);
    await db.close();
  });

  it('give the receipt code the phone gives', () => {
    const page = example('pull.response') as PullResponse;
    for (const change of page.changes) {
      if (change.type === 'report' && change.put) expect(receiptCode(change.id)).toBe(change.put.receipt_code);
    }
    const report = JSON.parse(request.ops[0]?.payload ?? '') as ReportCreate;
    expect(report.id).toBe(request.ops[0]?.entity_id);
  });

  it('refuse in one shape', async () => {
    const problem = example('problem') as Problem;
    const error: unknown = await apiAnswering(problem.status, problem).session().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ problem });
  });
});

it('sends nothing of the phone’s own book-keeping', () => {
  const row = { ...request.ops[0], userId: 'u', authorityId: 'a', state: 'queued', leaseUntil: 5, savedAt: 'now' } as unknown as OpRow;
  expect(wireOp(row)).toEqual(request.ops[0]);
});
