// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { readAddress, to } from '../../src/desk/address';
import { collision } from '../../src/desk/case/collision';
import { missing } from '../../src/desk/case/decide-sheet';
import { howSure, saidOpinions } from '../../src/desk/case/place-part';
import { saidClock, saidUnsent } from '../../src/desk/field/phones';
import { saidHours, saidMonths, saidWeekdays } from '../../src/parts/place-plots';
import { rowsAddress, saidMedian } from '../../src/desk/overview/overview';
import { asked, carried, filtersInUse, withAnswer } from '../../src/desk/queue/filters';
import { summed } from '../../src/desk/queue/use-triage';
import { flagWords, saidState, stepsForAll } from '../../src/desk/words';
import { usualWords } from '../../src/parts/words/names';
import { isUsual, saidChance, saidDays, saidOdds, saidUsual } from '../../src/parts/words/usual';
import { aRow } from './council';

describe('addresses', () => {
  it('keep the screen and its question, through any character', () => {
    const address = to(['cases', 'a/b'], { q: 'Mill & Lane?', hazard: 'asbestos', ward: '' });
    expect(readAddress(address.slice(1))).toEqual({ parts: ['cases', 'a/b'], query: { q: 'Mill & Lane?', hazard: 'asbestos' } });
  });

  it('are read even when somebody cut them', () => {
    expect(readAddress('/cases/%E0%A4%A?q=%')).toEqual({ parts: ['cases', '%E0%A4%A'], query: { q: '%' } });
  });
});

describe('filters', () => {
  it('mean the queue when nothing is asked, and every state when any is', () => {
    expect(asked({})).toEqual({ state: 'new' });
    expect(asked({ state: 'any', q: 'x' })).toEqual({ q: 'x' });
    expect(asked({ state: 'open' })).toEqual({ state: 'open' });
  });

  it('change one answer and leave the rest', () => {
    expect(withAnswer({ kind: 'fly_tip', q: 'x' }, 'kind', 'incident')).toEqual({ q: 'x', kind: 'incident' });
    expect(withAnswer({ kind: 'fly_tip', q: 'x' }, 'kind', '')).toEqual({ q: 'x' });
  });

  it('tell in words what came with a link and has no control', () => {
    const query = { opened_from: '2026-11-01T00:00:00Z', source: 'resident', kind: 'fly_tip', state: 'any', sort: 'newest' };
    expect(carried(query).map(({ words }) => words)).toEqual(['opened from 1 Nov 2026', 'from Resident’s form']);
    expect(filtersInUse(query)).toBe(1);
  });

  it('follow a figure of the overview to exactly the rows it counted', () => {
    expect(rowsAddress('opened_from=2026-10-31T00%3A00%3A00Z&sort=newest')).toBe('#/cases?opened_from=2026-10-31T00%3A00%3A00Z&sort=newest&state=any');
    expect(rowsAddress('state=open')).toBe('#/cases?state=open');
  });
});

describe('decisions', () => {
  it('are offered for many cases only where they fit all of them', () => {
    expect(stepsForAll(['new', 'accepted'])).toEqual(['duplicate', 'not_ours', 'no_evidence', 'close']);
    expect(stepsForAll(['new', 'closed'])).toEqual([]);
    expect(stepsForAll([])).toEqual([]);
  });

  it('ask for a reason, and for the other case, only where it matters', () => {
    const empty = { reason: ' ', other: null };
    expect(missing({ decision: null, ...empty })).toEqual({ decision: 'Choose a decision' });
    expect(missing({ decision: 'close', ...empty })).toEqual({});
    expect(Object.keys(missing({ decision: 'not_ours', ...empty }))).toEqual(['reason']);
    expect(Object.keys(missing({ decision: 'duplicate', ...empty }))).toEqual(['other']);
  });

  it('on many cases tell which were done, which were not and why, and what can be undone', () => {
    const targets = [aRow('1'), aRow('2'), aRow('3')];
    const told = summed(targets, { decision: 'accept', reason: '', duplicate_of: null }, [
      { id: '1', outcome: 'done', rev: 2, seq: 4, detail: '' },
      { id: '2', outcome: 'changed_meanwhile', rev: 5, seq: null, detail: 'Priya closed it' },
      { id: '3', outcome: 'not_a_next_step', rev: 1, seq: null, detail: '' },
    ]);
    expect(told.words).toBe('Accepted: 1 case');
    expect(told.undo).toEqual([{ id: '1', reference: 'NW-26-1', seq: 4 }]);
    expect(told.troubles.map(({ why }) => why)).toEqual(['Priya closed it', 'it cannot take this step now']);
  });

  it('say who was first, and only when somebody was', () => {
    const failure = { code: 'changed_meanwhile', title: '', detail: '', fields: {} };
    const problem = { changed_by: 'Priya', changed_at: '2026-11-20T08:58:00Z', changed_what: 'Accepted' };
    expect(collision({ ...failure, problem })).toEqual({ by: 'Priya', at: '2026-11-20T08:58:00Z', what: 'Accepted' });
    expect(collision({ ...failure, problem: {} })).toEqual({ by: null, at: null, what: null });
    expect(collision({ ...failure, code: 'not_a_next_step', problem })).toBeNull();
  });
});

describe('words', () => {
  it('name states and what is to be checked', () => {
    expect(saidState('closed', 'not_ours')).toBe('Closed: not ours');
    expect(saidState('new', null)).toBe('To review');
    expect(flagWords('outside_area')).toBe('The position is outside the council’s area');
    expect(flagWords('unknown_waste:garden_shed')).toBe('Unknown waste: garden shed');
  });

  it('tell how sure a place is', () => {
    const at = (accuracy_m: number | null) => ({ position: { lat: 52, lon: -1, accuracy_m, source: 'gps', fixed_at: '' } });
    const sure = (...positions: object[]) => howSure({ reports_detail: positions as never });
    expect(sure()).toBe('No report gave a position');
    expect(sure(at(8.4))).toBe('Within 8 m, from one position');
    expect(sure(at(40), at(12), { position: null })).toBe('Within 12 m, the best of 2 positions');
    expect(sure(at(null))).toBe('One position, placed by hand');
  });

  it('tell what services outside call a place, and whose words these are', () => {
    const said = (service: string, distance_m: number | null) =>
      saidOpinions({ second_opinions: [{ service, label: 'Oldbury Road', distance_m, answered_at: '' }] })[0];
    expect(said('os_places', 12)).toEqual(['Second opinion: OS Places', 'Oldbury Road, 12 m away']);
    expect(said('nominatim', null)).toEqual(['Second opinion: OpenStreetMap', 'Oldbury Road (© OpenStreetMap contributors)']);
    expect(said('later', null)).toEqual(['Second opinion: later', 'Oldbury Road']);
    expect(saidOpinions({ second_opinions: [] })).toEqual([]);
  });

  it('tell when a place is hit, ties and emptiness too', () => {
    const months = [2, 0, 2].map((count, index) => ({ month: `2026-0${index + 1}`, count }));
    expect(saidMonths(months)).toBe('Most in January 2026, March 2026, 2 cases each. None in 1 of 3 months.');
    expect(saidMonths([])).toBe('None in these months.');
    const hours = Array.from({ length: 24 }, (_, hour) => (hour === 23 || hour === 0 ? 2 : 0));
    expect(saidHours(hours)).toMatch(/^Most between 22:00 and 01:00: 4 of 4\./);
    expect(saidWeekdays([0, 3, 0, 0, 3, 0, 0])).toBe('Most on Tuesday, Friday: 3 of 6 each.');
    expect(saidWeekdays([])).toBe('No days are known.');
  });

  it('tell what a phone holds and whether its clock is off', () => {
    expect(saidUnsent({ unsent: null })).toBe('Has not told what it holds');
    expect(saidUnsent({ unsent: 1 })).toBe('1 item not sent yet');
    expect(saidClock(-840)).toBeNull();
    expect(saidClock(600_000)).toBe('Its clock is 10 minutes slow');
    expect(saidMedian(null)).toBe('None cleared');
    expect(saidMedian(2.62)).toBe('2.6 days');
  });
});

describe('what would be usual', () => {
  it('is said with the window, as people count', () => {
    expect(saidUsual({ kind: 'fly_tip', count: 5, expected: 0.42 }, 90)).toBe('5 fly-tips in 90 days; about 0.4 would be usual here.');
    expect(saidUsual({ kind: 'incident', count: 1, expected: 0.04 }, 365)).toBe('1 incident in a year; hardly any would be usual here.');
    expect(saidUsual({ kind: 'fly_tip', count: 30, expected: 11.7 }, 730)).toBe('30 fly-tips in two years; about 12 would be usual here.');
    expect(saidUsual({ kind: 'fly_tip', count: 5, expected: null }, 90)).toBe('');
    expect(saidDays(1)).toBe('1 day');
  });

  it('tells how often chance would do as much, never more exactly than it knows', () => {
    expect([0.9, 0.25, 0.0312, 0.0021, 0.000_02].map(saidOdds)).toEqual([
      'about every other time or more often',
      'about one time in 4',
      'about one time in 32',
      'about one time in 480',
      'less than one time in 10,000',
    ]);
  });

  it('is told from the rest by what would be there by chance among all places', () => {
    expect([0.1, 0.11, null].map(isUsual)).toEqual([false, true, null]);
    expect([false, true, null].map(usualWords)).toEqual(['more than usual', 'usual for its area', '']);
    expect(saidChance(true, 0.02)).toMatch(/^That can be chance: it brings as many to a place like this about one time in 50/);
    expect(saidChance(false, null)).toBe('That is more than chance explains.');
    expect(saidChance(null, null)).toBe('');
  });
});
