/** Worker to edge: the answers to uplink items, in batches, after the commit. */
import { unpack } from './codec.js';
import type { ConnectStatus } from './codes.js';
import { Packer } from './packer.js';
import { ENVELOPE_VERSION, EnvelopeError } from './version.js';

const TYPE = 'replies';

export const REPLY = { connect: 0, frame: 1, done: 2, stale: 3 } as const;

export interface ConnectReply {
  kind: typeof REPLY.connect;
  seq: number;
  status: ConnectStatus;
  /** Why not, for the edge's log; empty where accepted. Never sent to the charger. */
  reason: string;
  stationId: number;
  /** Position of this session among all of the station: the higher is the newer. Given by the database. */
  epoch: number;
  /** True where the station's last boot was accepted: commands may go at once. */
  booted: boolean;
  /** Seconds between pings; 0 = this charger cannot answer pings, -1 = as the edge is configured. */
  pingSeconds: number;
  /** Subprotocol to assume where the charger offered none; empty = refuse. */
  version: string;
  /** Seconds after which the refused charger may come again; 0 = the edge's own default. */
  retryAfter: number;
}

/** A frame for the charger, ready to send. */
export interface FrameReply {
  kind: typeof REPLY.frame;
  seq: number;
  text: string;
  /** What the session learns: 1 = the boot was accepted, 0 = it was not (pending, rejected), -1 = nothing. */
  booted: -1 | 0 | 1;
}

/** The item is dealt with and has no frame (disconnect, SEND). */
export interface DoneReply {
  kind: typeof REPLY.done;
  seq: number;
}

/** The item came from a session that is no longer the station's newest: close it. */
export interface StaleReply {
  kind: typeof REPLY.stale;
  seq: number;
}

export type ReplyItem = ConnectReply | FrameReply | DoneReply | StaleReply;

function packItem(to: Packer, item: ReplyItem): void {
  switch (item.kind) {
    case REPLY.frame:
      to.list(4);
      to.number(item.kind);
      to.number(item.seq);
      to.text(item.text);
      to.number(item.booted);
      return;
    case REPLY.connect:
      to.list(10);
      to.number(item.kind);
      to.number(item.seq);
      to.text(item.status);
      to.text(item.reason);
      to.number(item.stationId);
      to.number(item.epoch);
      to.number(item.booted ? 1 : 0);
      to.number(item.pingSeconds);
      to.text(item.version);
      to.number(item.retryAfter);
      return;
    default:
      to.list(2);
      to.number(item.kind);
      to.number(item.seq);
  }
}

function fromTuple(tuple: unknown): ReplyItem {
  if (!Array.isArray(tuple)) throw new EnvelopeError('item is not a tuple');
  const t = tuple as unknown[];
  switch (tuple[0]) {
    case REPLY.frame:
      return { kind: REPLY.frame, seq: t[1] as number, text: t[2] as string, booted: t[3] as -1 | 0 | 1 };
    case REPLY.connect:
      return {
        kind: REPLY.connect,
        seq: t[1] as number,
        status: t[2] as ConnectStatus,
        reason: t[3] as string,
        stationId: t[4] as number,
        epoch: t[5] as number,
        booted: t[6] === 1,
        pingSeconds: t[7] as number,
        version: t[8] as string,
        retryAfter: t[9] as number,
      };
    case REPLY.done:
      return { kind: REPLY.done, seq: t[1] as number };
    case REPLY.stale:
      return { kind: REPLY.stale, seq: t[1] as number };
    default:
      throw new EnvelopeError(`item kind ${String(tuple[0])} is unknown`);
  }
}

export function packReplies(items: readonly ReplyItem[]): Uint8Array {
  const to = new Packer();
  to.list(3);
  to.number(ENVELOPE_VERSION);
  to.text(TYPE);
  to.list(items.length);
  for (const item of items) packItem(to, item);
  return to.take();
}

/** @throws {EnvelopeError} */
export function unpackReplies(data: Uint8Array): ReplyItem[] {
  const { fields } = unpack(data, [TYPE]);
  if (!Array.isArray(fields[0])) throw new EnvelopeError('items is not a list');
  return (fields[0] as unknown[]).map(fromTuple);
}
