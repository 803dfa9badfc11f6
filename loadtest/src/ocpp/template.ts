/**
 * The room of CALLs as bytes. A template is compiled once into literals and places; sending one copies the literals
 * into a buffer that every station of the process shares, and writes the values between them.
 */
import { OPCODE, writeHeader } from '../ws/frame.js';
import { actionOf, CALL_KINDS, type Version } from './calls.js';
import { ID_LENGTH } from './message-id.js';
import { payloadOf } from './payloads.js';

/** What goes into the places. */
export interface Values {
  /** Where the message id lies. */
  readonly ids: Uint8Array;
  readonly idAt: number;
  /** 24 bytes of RFC 3339. */
  readonly stamp: Uint8Array;
  readonly wh: number;
  readonly w: number;
  readonly seq: number;
  readonly tx: string;
  readonly tag: string;
}

type Place = 'id' | 'ts' | 'wh' | 'w' | 'seq' | 'tx' | 'tag';

/** Literals at even indexes, places at odd ones. */
export type Template = readonly (Buffer | Place)[];

const PLACE = /\{(id|ts|wh|w|seq|tx|tag)\}/;

export function compile(text: string): Template {
  return text.split(PLACE).map((part, i) => (i % 2 === 0 ? Buffer.from(part, 'latin1') : (part as Place)));
}

/** The templates of a version, by kind of CALL. */
export function templatesOf(version: Version): readonly Template[] {
  const all: Template[] = [];
  for (const kind of CALL_KINDS) {
    all[kind] = compile(`[2,"{id}","${actionOf(version, kind)}",${payloadOf(version, kind)}]`);
  }
  return all;
}

/** Room for the longest header of a short or middle frame; the payload always begins here. */
const PAYLOAD_AT = 8;
const SIZE = 8 * 1024;

/** The shared buffer. One frame at a time: what {@link Scratch.render} gives is good until it is called again. */
export class Scratch {
  #bytes = Buffer.allocUnsafeSlow(SIZE);
  /** Views by length, as one view costs as much as a frame's digits. */
  #views: Buffer[] = [];

  /** The frame of a template. */
  render(template: Template, values: Values): Buffer {
    const bytes = this.#bytes;
    let o = PAYLOAD_AT;
    for (let i = 0; i < template.length; i++) {
      const part = template[i]!;
      if (typeof part !== 'string') {
        bytes.set(part, o);
        o += part.length;
      } else o = this.#place(part, values, o);
    }
    const length = o - PAYLOAD_AT;
    const start = length < 126 ? PAYLOAD_AT - 6 : PAYLOAD_AT - 8;
    writeHeader(bytes, start, OPCODE.text, length);
    let view = this.#views[length];
    if (view === undefined) {
      view = bytes.subarray(start, o);
      this.#views[length] = view;
    }
    return view;
  }

  /** Leaves the present memory to whoever still reads from it. */
  renew(): void {
    this.#bytes = Buffer.allocUnsafeSlow(SIZE);
    this.#views = [];
  }

  #place(place: Place, values: Values, at: number): number {
    const bytes = this.#bytes;
    switch (place) {
      case 'id': {
        const { ids, idAt } = values;
        for (let k = 0; k < ID_LENGTH; k++) bytes[at + k] = ids[idAt + k]!;
        return at + ID_LENGTH;
      }
      case 'ts':
        bytes.set(values.stamp, at);
        return at + values.stamp.length;
      case 'wh':
        return decimal(bytes, at, values.wh);
      case 'w':
        return decimal(bytes, at, values.w);
      case 'seq':
        return decimal(bytes, at, values.seq);
      case 'tx':
        return at + bytes.write(values.tx, at, 'latin1');
      case 'tag':
        return at + bytes.write(values.tag, at, 'latin1');
    }
  }
}

function decimal(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  let rest = value;
  for (let k = end - 1; k >= at; k--) {
    bytes[k] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

/** The time as bytes, made at most once in a millisecond. */
export class Stamp {
  #at = -1;
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * RFC 3339 in UTC with milliseconds. Keeps good: each millisecond has its own memory.
   * @param now on the monotonic clock, which the caller has read already
   */
  bytes(now: number): Uint8Array {
    const ms = Math.floor(now);
    if (ms !== this.#at) {
      this.#at = ms;
      this.#bytes = Buffer.from(new Date(performance.timeOrigin + now).toISOString(), 'latin1');
    }
    return this.#bytes;
  }
}
