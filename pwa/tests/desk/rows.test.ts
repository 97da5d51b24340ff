import { describe, expect, it } from 'vitest';
import { afterThese, firstRows, lookedAgain, neighbour, withMore, without } from '../../src/desk/queue/rows';
import { aPage, aRow } from './council';

const rows = (...ids: string[]) => ids.map((id) => aRow(id));
const ids = (items: readonly { id: string }[]): string => items.map(({ id }) => id).join('');

describe('a look at the list again', () => {
  it('counts what has come and moves nothing', () => {
    const shown = firstRows(aPage(rows('b', 'c')));
    const looked = lookedAgain(shown, aPage(rows('a', 'b', 'c', 'd')));
    expect(ids(looked.items)).toBe('bc');
    expect(looked.fresh).toBe(2);
    expect(looked.counts.new).toBe(4);
  });

  it('does not call news what only moved up from a page that was not shown', () => {
    const shown = without(firstRows(aPage(rows('a', 'b', 'c'), { next: 'more' })), new Set(['a']));
    expect(lookedAgain(shown, aPage(rows('b', 'c', 'd'), { next: 'more' })).fresh).toBe(0);
    expect(lookedAgain(shown, aPage(rows('b', 'n', 'c'), { next: 'more' })).fresh).toBe(1);
  });

  it('brings a row up to date where it stands', () => {
    const looked = lookedAgain(firstRows(aPage(rows('a', 'b'))), aPage([aRow('b', { rev: 9 }), aRow('a')]));
    expect(looked.items.map(({ rev }) => rev)).toEqual([1, 9]);
  });

  it('adds a further page without showing a case twice', () => {
    const more = withMore(firstRows(aPage(rows('a', 'b'), { next: 'more' })), aPage(rows('b', 'c')));
    expect(ids(more.items)).toBe('abc');
    expect(more.next).toBeNull();
  });
});

describe('moving along the list', () => {
  const items = rows('a', 'b', 'c', 'd');

  it('begins at the top and stops at either end', () => {
    expect(neighbour(items, null, 1)?.id).toBe('a');
    expect(neighbour(items, 'b', 1)?.id).toBe('c');
    expect(neighbour(items, 'a', -1)).toBeNull();
    expect(neighbour(items, 'd', 1)).toBeNull();
    expect(neighbour([], null, 1)).toBeNull();
  });

  it('goes on after what was decided, and back only at the end', () => {
    expect(afterThese(items, new Set(['b']))?.id).toBe('c');
    expect(afterThese(items, new Set(['a', 'c']))?.id).toBe('d');
    expect(afterThese(items, new Set(['c', 'd']))?.id).toBe('b');
    expect(afterThese(items, new Set(['a', 'b', 'c', 'd']))).toBeNull();
  });
});
