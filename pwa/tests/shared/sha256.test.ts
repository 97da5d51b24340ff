import { expect, it } from 'vitest';

import { sha256, sha256Text } from '../../src/shared/sha256';

it('gives the published digests', async () => {
  expect(await sha256Text('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(await sha256(new ArrayBuffer(0))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
