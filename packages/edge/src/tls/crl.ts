/** When the revocation lists of a PEM file run out. Node checks by them, but tells nothing of them. */

const BLOCK = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g;
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** Type, content and what follows of one DER element. */
function element(der: Buffer): { tag: number; content: Buffer; rest: Buffer } {
  const tag = der.readUInt8(0);
  let length = der.readUInt8(1);
  let at = 2;
  if (length > 0x80) {
    const bytes = length & 0x7f;
    length = der.readUIntBE(at, bytes);
    at += bytes;
  }
  if (at + length > der.length) throw new RangeError('element is cut short');
  return { tag, content: der.subarray(at, at + length), rest: der.subarray(at + length) };
}

/** `nextUpdate` of one list (RFC 5280 section 5.1), ms since 1970; Infinity where it names none. */
function nextUpdate(der: Buffer): number {
  const list = element(element(der).content);
  let fields = list.content;
  if (list.tag !== SEQUENCE) throw new RangeError('not a revocation list');
  if (element(fields).tag === INTEGER) fields = element(fields).rest;
  // The algorithm, the issuer, and when the list was made.
  for (let skip = 0; skip < 3; skip++) fields = element(fields).rest;
  if (fields.length === 0) return Number.POSITIVE_INFINITY;
  const { tag, content } = element(fields);
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) return Number.POSITIVE_INFINITY;
  const digits = content.toString('latin1');
  // Two digits of a year are 1950 to 2049.
  const full = tag === UTC_TIME ? `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}` : digits;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(full)?.map(Number) ?? [];
  return Date.UTC(year ?? Number.NaN, (month ?? 1) - 1, day, hour, minute, second || 0);
}

/** The lists of a PEM file, one by one. */
export function crlBlocks(pem: string): string[] {
  return [...pem.matchAll(BLOCK)].map(([block]) => block);
}

/**
 * When the first of the lists runs out, ms since 1970. From then on every certificate of its authority is refused.
 * @throws {RangeError} where there is no list, or one that cannot be read
 */
export function crlExpiry(pem: string): number {
  const lists = [...pem.matchAll(BLOCK)].map(([, base64]) => nextUpdate(Buffer.from(base64 ?? '', 'base64')));
  if (lists.length === 0 || lists.some(Number.isNaN)) throw new RangeError('no revocation list in PEM');
  return Math.min(...lists);
}
