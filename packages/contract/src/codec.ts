/** msgpack for all envelopes: tuples, no records, so that releases and languages can differ. */
import { Packr } from 'msgpackr';
import { ENVELOPE_VERSION, EnvelopeError } from './version.js';

// Records would be smaller but tie a message to the state of the encoder that made it; bundled tuples are as small.
// bigint never occurs: ids stay below 2^53. Strings are not bundled: other languages shall read the batches.
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/** Packs `[version, type, ...fields]`. The buffer is the caller's own. */
export function pack(type: string, fields: readonly unknown[]): Uint8Array {
  return packr.pack([ENVELOPE_VERSION, type, ...fields]);
}

/**
 * The fields after version and type.
 * @throws {EnvelopeError} where it is not msgpack, another version, or another type
 */
export function unpack(data: Uint8Array, types: readonly string[]): { type: string; fields: unknown[] } {
  let value: unknown;
  try {
    value = packr.unpack(data);
  } catch (cause) {
    throw new EnvelopeError('not msgpack', { cause });
  }
  if (!Array.isArray(value)) throw new EnvelopeError('not a tuple');
  const [version, type, ...fields] = value as unknown[];
  if (version !== ENVELOPE_VERSION) throw new EnvelopeError(`version ${String(version)} is not ${ENVELOPE_VERSION}`);
  if (typeof type !== 'string' || !types.includes(type)) throw new EnvelopeError(`type is not ${types.join(' or ')}`);
  return { type, fields };
}
