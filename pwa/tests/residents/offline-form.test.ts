// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';

import type { Values } from '../../src/residents/device-draft';
import { type Rules, problemsOf, reportOf } from '../../src/residents/offline-form';

const RULES: Rules = {
  council: 'demo',
  kinds: { fly_tip: 'fly_tip', needles: 'incident', other: 'incident' },
  hazardOfWaste: { asbestos: 'asbestos' },
  hazardOfCategory: { needles: 'sharps' },
  missing: { category: 'Choose', description: 'Say', waste: 'What', typed: 'Where', witnessed: 'Whether', seen: 'Seen', email: 'How' },
  longest: { description: 10 },
};
const WHOLE: Values = { category: ['fly_tip'], waste: ['asbestos', 'tyres'], typed: ['Folly Lane'], witnessed: ['no'], contact: ['no'] };
const AT = '2026-11-20T08:00:00.000Z';

const fieldsAt = (values: Values): string[] => Object.keys(problemsOf(values, RULES));

describe('the form without signal', () => {
  it('says what is missing, in the order of the page', () => {
    expect(fieldsAt({})).toEqual(['category', 'typed', 'witnessed']);
    expect(fieldsAt({ ...WHOLE, waste: [] })).toEqual(['waste']);
    expect(fieldsAt({ ...WHOLE, category: ['other'] })).toEqual(['description']);
    expect(fieldsAt({ ...WHOLE, witnessed: ['yes'] })).toEqual(['seen']);
    expect(fieldsAt(WHOLE)).toEqual([]);
  });

  it('asks for a way to make contact only where contact is wanted', () => {
    expect(fieldsAt({ ...WHOLE, contact: ['yes'] })).toEqual(['email']);
    expect(fieldsAt({ ...WHOLE, contact: ['yes'], email: ['pat'] })).toEqual(['email']);
    expect(fieldsAt({ ...WHOLE, contact: ['yes'], phone: ['12'] })).toEqual(['phone']);
    expect(fieldsAt({ ...WHOLE, contact: ['yes'], phone: ['01632 960001'] })).toEqual([]);
  });

  it('counts what is too long, as the page with the same question does', () => {
    expect(problemsOf({ ...WHOLE, description: ['x'.repeat(11)] }, RULES)).toEqual({
      description: 'Use 10 characters or less. You have used 11',
    });
  });

  it.each([['lat', { typed: [], lat: ['52.5'], lon: ['-1.5'], source: ['pin'] }], ['words', { typed: [], words: ['By the bridge'] }]])(
    'takes %s alone as the place',
    (_, place) => {
      expect(fieldsAt({ ...WHOLE, ...place })).toEqual([]);
    },
  );

  it('makes the report that the pages would make of the same answers', () => {
    const values = { ...WHOLE, witnessed: ['yes'], seen: ['A white van'], description: ['Big'], words: ['By the bridge'], size: ['single_item'] };
    expect(reportOf('id', values, RULES, AT)).toMatchObject({
      authority: 'demo',
      kind: 'fly_tip',
      waste: ['asbestos', 'tyres'],
      hazards: ['asbestos'],
      where: 'Folly Lane. By the bridge',
      extra: { typed: 'Folly Lane' },
      description: 'Big\n\nSaw who did it: A white van',
      witnessed: true,
      position: null,
      seen_at: AT,
    });
  });

  it('leaves out what no longer belongs to the answers', () => {
    const values = { ...WHOLE, category: ['needles'], size: ['single_item'], contact: ['no'], email: ['pat@example.com'] };
    const report = reportOf('id', values, RULES, AT);
    expect([report.waste, report.size, report.hazards, report.contact.email]).toEqual([[], null, ['sharps'], null]);
  });
});
