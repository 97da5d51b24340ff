import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { receiptCode } from '../../src/shared/receipt';

describe('receiptCode', () => {
  it.each([
    ['0b9f3c52-7d1e-4c0a-9a44-6f2f0b1f7a10', '1EFKR-MKX3S'],
    ['9c8b7a65-4d3e-4f21-8a0b-1c2d3e4f5a6b', 'KJ5QM-SAD7S'],
    ['00000000-0000-4000-8000-000000000000', '00000-00001'],
    ['ffffffff-ffff-4fff-bfff-ffffffffffff', 'ZZZZZ-ZZZZX'],
  ])('makes %s into %s', (id, code) => {
    expect(receiptCode(id)).toBe(code);
    expect(receiptCode(id.toUpperCase())).toBe(code);
  });

  it('depends on the first 50 bits (the version is among them) and on nothing else', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 4 }), fc.uuid({ version: 4 }), (id, other) => {
        const tail = id.slice(0, 14) + other.slice(14);
        expect(receiptCode(tail)).toBe(receiptCode(id));
        expect(receiptCode(id)).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
      }),
    );
  });

  it('refuses what is no id', () => {
    expect(() => receiptCode('FT-1')).toThrow(RangeError);
  });
});
