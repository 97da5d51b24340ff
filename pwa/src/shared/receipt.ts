const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 10;
const BITS_PER_CHARACTER = 5n;

/**
 * The receipt code of a report: the first 50 bits of its id in Crockford base 32, as `XXXXX-XXXXX`.
 * It needs no server, so the phone shows it at once. Throws RangeError when `id` is not a UUID.
 */
export function receiptCode(id: string): string {
  const hex = id.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new RangeError(`not a UUID: ${id}`);
  let bits = BigInt(`0x${hex}`) >> (128n - BITS_PER_CHARACTER * BigInt(CODE_LENGTH));
  let code = '';
  for (let i = 0; i < CODE_LENGTH; i++) {
    code = CROCKFORD.charAt(Number(bits & 31n)) + code;
    bits >>= BITS_PER_CHARACTER;
  }
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}
