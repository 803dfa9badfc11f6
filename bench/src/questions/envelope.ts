/** What does the bus envelope cost per message, for a lone one and in batches, beside JSON of the same items? */
import {
  packReplies,
  packUplink,
  REPLY,
  type ReplyItem,
  UPLINK,
  type UplinkItem,
  unpackReplies,
  unpackUplink,
} from '@sigec/contract';
import { writeResult } from '@sigec/ocpp';
import type { Group, Question } from '../micro/question.js';
import { CURRENT_TIME, messageId, NOW, transactionEvent } from './samples.js';

const EDGE = 'edge-7f3a9c';
const SIZES = [1, 16, 128];

const call = (n: number): UplinkItem => ({
  kind: UPLINK.call,
  seq: 100_000 + n,
  stationId: 1000 + n,
  epoch: 3,
  version: 'ocpp2.0.1',
  id: messageId(n),
  action: 'TransactionEvent',
  payload: JSON.stringify(transactionEvent(`tx-${n}`, n)),
  at: NOW + n / 1000,
});

const reply = (n: number): ReplyItem => ({
  kind: REPLY.frame,
  seq: 100_000 + n,
  text: writeResult(messageId(n), CURRENT_TIME),
  booted: -1,
});

interface Codec<T> {
  readonly name: string;
  readonly make: (n: number) => T;
  readonly pack: (items: readonly T[]) => Uint8Array;
  readonly unpack: (data: Uint8Array) => unknown;
}

/** Both sides end in bytes, as the bus carries nothing else. */
function group<T>(size: number, { name, make, pack, unpack }: Codec<T>): Group {
  const items = Array.from({ length: size }, (_none, n) => make(n));
  const packed = pack(items);
  const json = Buffer.from(JSON.stringify([EDGE, items]));
  const bytes = (data: Uint8Array) => `${Math.round(data.length / size)} B an item`;
  return {
    title: `${name}, batch of ${size}`,
    rows: [
      { name: 'JSON to bytes', items: size, note: bytes(json), run: () => Buffer.from(JSON.stringify([EDGE, items])) },
      { name: 'pack', items: size, note: bytes(packed), run: () => pack(items) },
      { name: 'JSON from bytes', items: size, run: () => JSON.parse(json.toString('utf8')) },
      { name: 'unpack', items: size, run: () => unpack(packed) },
    ],
  };
}

export const envelope: Question = {
  name: 'envelope',
  question:
    'What does the bus envelope cost per message, for a lone one and in batches, beside JSON of the same items?',
  prepare: () => ({
    groups: SIZES.flatMap((size) => [
      group(size, {
        name: 'uplink',
        make: call,
        pack: (items) => packUplink(EDGE, items),
        unpack: unpackUplink,
      }),
      group(size, { name: 'replies', make: reply, pack: packReplies, unpack: unpackReplies }),
    ]),
  }),
};
