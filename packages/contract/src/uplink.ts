/** Edge to worker: batches of what chargers did. Each item is a tuple that begins with its kind. */
import { unpack } from './codec.js';
import { Packer } from './packer.js';
import { ENVELOPE_VERSION, EnvelopeError } from './version.js';

const TYPE = 'up';

export const UPLINK = { connect: 0, disconnect: 1, call: 2, send: 3, record: 4 } as const;

/** OCPP 1.6 security white paper section 3, OCPP 2.0.1 part 2 section A00. */
export type SecurityProfile = 0 | 1 | 2 | 3;

/** Sent by the edge to check an upgrade. Answered by {@link ConnectReply}. */
export interface ConnectItem {
  kind: typeof UPLINK.connect;
  /** The edge's own number of this item; replies carry it. */
  seq: number;
  identity: string;
  /** HMAC-SHA256 of the password under the pepper, or null where none was sent. The password itself never travels. */
  proof: Uint8Array | null;
  /** Negotiated subprotocol, e.g. `ocpp2.0.1`; empty where the charger offered none. */
  version: string;
  /** Remote address as text, for the log and the API. */
  address: string;
  /** Security profile of the socket: 0 plain without a password, 1 plain, 2 TLS, 3 TLS with the charger's certificate. */
  profile: SecurityProfile;
  /**
   * SHA-256 of the certificate that the charger showed and the edge verified, in hex; empty where it showed none. Its names
   * contain the identity: that is checked by the edge.
   */
  certificate: string;
  /** Edge clock, ms since 1970. */
  at: number;
}

/** A socket of an accepted session closed. Compared with the epoch, so a late one changes nothing. */
export interface DisconnectItem {
  kind: typeof UPLINK.disconnect;
  seq: number;
  stationId: number;
  epoch: number;
  code: number;
  at: number;
}

/** A CALL (or 2.1 SEND) of a charger; the payload is the JSON text as it arrived. */
export interface CallItem {
  kind: typeof UPLINK.call | typeof UPLINK.send;
  seq: number;
  stationId: number;
  epoch: number;
  version: string;
  /** The charger's message id. */
  id: string;
  action: string;
  payload: string;
  /** When the frame arrived at the edge: ms since 1970 with microseconds as fraction, unique per edge. */
  at: number;
}

/** For the message log only: commands, their answers, malformed frames. Never answered, shed first. */
export interface RecordItem {
  kind: typeof UPLINK.record;
  stationId: number;
  direction: 'in' | 'out';
  type: MessageType;
  id: string;
  action: string;
  /** Payload text, or the raw frame where it was malformed. */
  text: string;
  at: number;
}

export type MessageType = 'call' | 'result' | 'error' | 'send' | 'malformed';

export type UplinkItem = ConnectItem | DisconnectItem | CallItem | RecordItem;

export interface UplinkBatch {
  edgeId: string;
  items: UplinkItem[];
}

function packItem(to: Packer, item: UplinkItem): void {
  switch (item.kind) {
    case UPLINK.connect:
      to.list(9);
      to.number(item.kind);
      to.number(item.seq);
      to.text(item.identity);
      to.bytes(item.proof);
      to.text(item.version);
      to.text(item.address);
      to.number(item.at);
      to.number(item.profile);
      to.text(item.certificate);
      return;
    case UPLINK.disconnect:
      to.list(6);
      to.number(item.kind);
      to.number(item.seq);
      to.number(item.stationId);
      to.number(item.epoch);
      to.number(item.code);
      to.number(item.at);
      return;
    case UPLINK.record:
      to.list(8);
      to.number(item.kind);
      to.number(item.stationId);
      to.text(item.direction);
      to.text(item.type);
      to.text(item.id);
      to.text(item.action);
      to.text(item.text);
      to.number(item.at);
      return;
    default:
      to.list(9);
      to.number(item.kind);
      to.number(item.seq);
      to.number(item.stationId);
      to.number(item.epoch);
      to.text(item.version);
      to.text(item.id);
      to.text(item.action);
      to.text(item.payload);
      to.number(item.at);
  }
}

function fromTuple(tuple: unknown): UplinkItem {
  if (!Array.isArray(tuple)) throw new EnvelopeError('item is not a tuple');
  const t = tuple as unknown[];
  switch (tuple[0]) {
    case UPLINK.call:
    case UPLINK.send:
      return {
        kind: t[0] as typeof UPLINK.call,
        seq: t[1] as number,
        stationId: t[2] as number,
        epoch: t[3] as number,
        version: t[4] as string,
        id: t[5] as string,
        action: t[6] as string,
        payload: t[7] as string,
        at: t[8] as number,
      };
    case UPLINK.record:
      return {
        kind: UPLINK.record,
        stationId: t[1] as number,
        direction: t[2] as 'in' | 'out',
        type: t[3] as MessageType,
        id: t[4] as string,
        action: t[5] as string,
        text: t[6] as string,
        at: t[7] as number,
      };
    case UPLINK.connect:
      return {
        kind: UPLINK.connect,
        seq: t[1] as number,
        identity: t[2] as string,
        proof: t[3] as Uint8Array | null,
        version: t[4] as string,
        address: t[5] as string,
        at: t[6] as number,
        profile: t[7] as SecurityProfile,
        certificate: t[8] as string,
      };
    case UPLINK.disconnect:
      return {
        kind: UPLINK.disconnect,
        seq: t[1] as number,
        stationId: t[2] as number,
        epoch: t[3] as number,
        code: t[4] as number,
        at: t[5] as number,
      };
    default:
      throw new EnvelopeError(`item kind ${String(tuple[0])} is unknown`);
  }
}

export function packUplink(edgeId: string, items: readonly UplinkItem[]): Uint8Array {
  const to = new Packer();
  to.list(4);
  to.number(ENVELOPE_VERSION);
  to.text(TYPE);
  to.text(edgeId);
  to.list(items.length);
  for (const item of items) packItem(to, item);
  return to.take();
}

/** @throws {EnvelopeError} */
export function unpackUplink(data: Uint8Array): UplinkBatch {
  const { fields } = unpack(data, [TYPE]);
  const [edgeId, items] = fields;
  if (typeof edgeId !== 'string') throw new EnvelopeError('edgeId is not text');
  if (!Array.isArray(items)) throw new EnvelopeError('items is not a list');
  return { edgeId, items: items.map(fromTuple) };
}
