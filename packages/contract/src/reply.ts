/** Worker to edge: the answers to uplink items, in batches, after the commit. */
import { pack, unpack } from './codec.js';
import type { ConnectStatus } from './codes.js';
import { EnvelopeError } from './version.js';

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

function toTuple(item: ReplyItem): unknown[] {
  switch (item.kind) {
    case REPLY.frame:
      return [item.kind, item.seq, item.text, item.booted];
    case REPLY.connect:
      return [
        item.kind,
        item.seq,
        item.status,
        item.reason,
        item.stationId,
        item.epoch,
        item.booted,
        item.pingSeconds,
        item.version,
      ];
    default:
      return [item.kind, item.seq];
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
        booted: t[6] as boolean,
        pingSeconds: t[7] as number,
        version: t[8] as string,
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
  return pack('replies', [items.map(toTuple)]);
}

/** @throws {EnvelopeError} */
export function unpackReplies(data: Uint8Array): ReplyItem[] {
  const { fields } = unpack(data, ['replies']);
  if (!Array.isArray(fields[0])) throw new EnvelopeError('items is not a list');
  return (fields[0] as unknown[]).map(fromTuple);
}
