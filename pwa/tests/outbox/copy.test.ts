import { describe, expect, it } from 'vitest';

import type { Change } from '../../src/wire/types';
import { Council } from '../council';
import { MortalDb, openPage, openSignedIn, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `copy-${phones++}`;

const CASE = {
  reference: 'NW-26-00123', kind: 'fly_tip', category: 'fly_tip', state: 'new', label: 'Oldbury Road', lat: 52.5, lon: -1.5,
  opened_at: '2026-11-20T07:11:03Z', thumb_photo_id: null, hazards: [],
} as const;
const JOB = {
  case_id: 'c1', case_reference: 'NW-26-00123', kind: 'clear', state: 'open', label: 'Oldbury Road', lat: 52.5, lon: -1.5, text: null,
  due_at: null, hazards: [], thumb_photo_id: null, given_at: '2026-11-20T08:00:00Z',
} as const;
const PLACE = { label: 'Oldbury Road', lat: 52.5, lon: -1.5, count: 5, trend: 'rising', extent_m: 140, first: '2026-07-03', last: '2026-11-20' };

const caseOf = (id: string, rev: number): Change => ({ type: 'case', id, rev, put: { ...CASE, hazards: [] } });
const jobOf = (id: string, rev: number): Change => ({ type: 'job', id, rev, put: { ...JOB, hazards: [] } });
const placeOf = (id: string, rank: number): Change => ({ type: 'hotspot', id, rev: 1, put: { rank, ...PLACE } });

describe('the read copy', () => {
  it('takes rows in, takes them out, and sorts hotspots by rank', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.changes.push(caseOf('c1', 1), caseOf('c2', 2), placeOf('h2', 2), placeOf('h1', 1));
    await outbox.sendNow();
    expect(outbox.data.cases.value.map(({ id }) => id)).toEqual(['c1', 'c2']);
    expect(outbox.data.hotspots.value.map(({ rank }) => rank)).toEqual([1, 2]);
    expect(outbox.data.asOf.value).not.toBeNull();
    council.changes.push({ type: 'case', id: 'c1', rev: 3, del: true });
    await outbox.sendNow();
    expect(outbox.data.cases.value.map(({ id }) => id)).toEqual(['c2']);
  });

  it('passes over things that a newer council has and this app does not know', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.changes.push({ type: 'camera', id: 'k1', rev: 1, put: {} } as unknown as Change, caseOf('c1', 2));
    await outbox.sendNow();
    expect(outbox.data.cases.value.map(({ id }) => id)).toEqual(['c1']);
  });

  it('keeps the council\'s order inside a shared rank', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    const at = (id: string, position: number): Change => ({ type: 'hotspot', id, rev: 1, put: { rank: 4, position, ...PLACE } });
    council.changes.push(at('h2', 4), at('h1', 3), at('h3', 5));
    await outbox.sendNow();
    expect(outbox.data.hotspots.value.map(({ id }) => id)).toEqual(['h1', 'h2', 'h3']);
  });

  it('is there offline after a restart', async () => {
    const council = new Council();
    const name = fresh();
    const first = await openSignedIn(council, name);
    council.changes.push(jobOf('j1', 1));
    await first.outbox.sendNow();
    await first.db.close();
    council.fault = () => 'lost_request';
    const { outbox } = await openPage(council, name);
    expect(outbox.data.jobs.value).toMatchObject([{ id: 'j1', mine: null, case_reference: 'NW-26-00123' }]);
    expect(outbox.data.reference.value).toMatchObject({ version: '1' });
    expect(outbox.data.map.value).toMatchObject({ type: 'FeatureCollection' });
  });

  it('leaves the map on the screen as it is while other things change', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    await outbox.sendNow();
    const shown = outbox.data.map.value;
    expect(shown).not.toBeNull();
    council.changes.push(caseOf('c1', 1));
    await outbox.sendNow();
    expect(outbox.data.cases.value).toHaveLength(1);
    expect(outbox.data.map.value).toBe(shown);
  });

  it('is rebuilt by a reset, which leaves the outbox alone', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.changes.push(caseOf('old', 1));
    await outbox.sendNow();
    await outbox.saveReport(reportInput(), []);
    council.changes.splice(0, 1, caseOf('new', 2));
    council.resetNext = true;
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'retry', after_s: 60 });
    await outbox.sendNow();
    expect(outbox.data.cases.value.map(({ id }) => id)).toEqual(['new']);
    expect(outbox.items.value).toMatchObject([{ state: 'saved' }]);
  });

  it('moves its cursor only together with the rows of the page', async () => {
    const council = new Council();
    const name = fresh();
    await (await openSignedIn(council, name)).db.close();
    council.changes.push(caseOf('c1', 1));
    for (let steps = 1; steps < 40; steps++) {
      for (const afterCommit of [false, true]) {
        const page = await openPage(council, name, { db: new MortalDb(name, steps, afterCommit) });
        await page.outbox.sendNow().catch(() => undefined);
        await page.db.close();
        const { outbox, db } = await openPage(council, name);
        expect(outbox.data.asOf.value === null).toBe(outbox.data.cases.value.length === 0);
        await db.close();
      }
    }
  });
});

describe('jobs done here', () => {
  it('show as done at once, until the council’s row is as new as the result', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.changes.push(jobOf('j1', 10));
    await outbox.sendNow();
    council.fault = () => 'lost_request';
    await outbox.saveJobResult('j1', { result: 'not_there' });
    await outbox.sendNow();
    expect(outbox.data.jobs.value[0]?.mine).toMatchObject({ result: 'not_there', words: 'Saved on this phone' });
    expect(outbox.items.value[0]).toMatchObject({ type: 'job.result', jobResult: 'not_there', receiptCode: null });

    council.fault = () => 'none';
    council.verdictFor = ({ op_id }) => {
      council.verdictFor = () => null;
      return { op_id, verdict: 'applied', rev: 12 };
    };
    await outbox.sendNow();
    expect(outbox.data.jobs.value[0]?.mine).toMatchObject({ result: 'not_there', words: 'Received by the council' });
    council.changes.push(jobOf('j1', 12));
    await outbox.sendNow();
    expect(outbox.data.jobs.value[0]?.mine).toBeNull();
  });

  it('carry the revision of the row the crew was looking at', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.changes.push(jobOf('j1', 10));
    await outbox.sendNow();
    await outbox.saveJobResult('j1', { result: 'cannot', reason: 'Locked gate' });
    await outbox.sendNow();
    expect([...council.applied.values()][0]).toMatchObject({ base_rev: 10, type: 'job.result' });
  });
});

describe('cases worked on here', () => {
  it('show notes and added reports until the council’s row is as new', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh());
    council.changes.push(caseOf('c1', 10));
    await outbox.sendNow();
    const note = await outbox.saveNote({ case: 'c1' }, 'Seen again');
    const report = await outbox.addToCase('c1', reportInput(), []);
    expect(outbox.data.cases.value[0]).toMatchObject({
      notes: [{ itemId: note.opId, text: 'Seen again', words: 'Saved on this phone' }],
      reports: [{ itemId: report.entityId }],
    });
    council.verdictFor = ({ op_id }) => ({ op_id, verdict: 'applied', rev: 12 });
    await outbox.sendNow();
    expect(outbox.data.cases.value[0]?.notes).toMatchObject([{ words: 'Received by the council' }]);
    council.changes.push(caseOf('c1', 12));
    await outbox.sendNow();
    expect(outbox.data.cases.value[0]).toMatchObject({ notes: [], reports: [] });
  });
});
