/**
 * Writes msgpack for the batches of the hot path, item by item and without a list for each. Whoever reads msgpack reads the
 * tuples that codec.ts would have packed.
 */

const FIRST_BYTES = 4 * 1024;
/** A list of up to 65,535 items has its length in two bytes after this one. */
const LIST_16 = 0xdc;
const LIST_16_MAX = 0xffff;
/** Strings up to this length are written character by character, which is faster than a call out of JavaScript. */
const BY_CHARACTER = 24;

/** For one message. */
export class Packer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;

  /** The head of a list of `length` values, which are to follow. */
  list(length: number): void {
    this.#room(3);
    if (length < 16) this.#bytes[this.#at++] = 0x90 | length;
    else {
      if (length > LIST_16_MAX) throw new RangeError(`list of ${length}`);
      this.#bytes[this.#at++] = LIST_16;
      this.#at = this.#bytes.writeUInt16BE(length, this.#at);
    }
  }

  /** A number: as a whole one where it is one of 32 bits without a sign, else as a double. */
  number(value: number): void {
    this.#room(9);
    const bytes = this.#bytes;
    if (value >= 0 && value <= 0xffff_ffff && value >>> 0 === value) {
      if (value < 0x80) bytes[this.#at++] = value;
      else {
        bytes[this.#at++] = 0xce;
        this.#at = bytes.writeUInt32BE(value, this.#at);
      }
    } else if (value < 0 && value >= -32 && Math.trunc(value) === value) bytes[this.#at++] = 0x100 + value;
    else {
      bytes[this.#at++] = 0xcb;
      this.#at = bytes.writeDoubleBE(value, this.#at);
    }
  }

  text(value: string): void {
    const { length } = value;
    // A character of UTF-16 is three bytes of UTF-8 at most.
    this.#room(5 + length * 3);
    const bytes = this.#bytes;
    if (length <= BY_CHARACTER) {
      let at = this.#at + 2;
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code >= 0x80) {
          this.#wide(value);
          return;
        }
        bytes[at++] = code;
      }
      bytes[this.#at] = 0xd9;
      bytes[this.#at + 1] = length;
      this.#at = at;
    } else this.#wide(value);
  }

  bytes(value: Uint8Array | null): void {
    this.#room(5 + (value?.length ?? 0));
    if (value === null) {
      this.#bytes[this.#at++] = 0xc0;
      return;
    }
    this.#bytes[this.#at] = 0xc6;
    this.#at = this.#bytes.writeUInt32BE(value.length, this.#at + 1);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** What was written; nothing is to be added afterwards. The bytes are the caller's own. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #wide(value: string): void {
    const length = this.#bytes.write(value, this.#at + 5);
    this.#bytes[this.#at] = 0xdb;
    this.#at = this.#bytes.writeUInt32BE(length, this.#at + 1) + length;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
