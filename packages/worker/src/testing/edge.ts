/** For tests: an edge that publishes what it is told and keeps what it is answered. */
import type { Bus } from '@sigec/bus';
import {
  type ConnectItem,
  type ConnectReply,
  type DisconnectItem,
  edgeSubject,
  packUplink,
  partitionOf,
  type ReplyItem,
  tokenOf,
  UPLINK,
  type UplinkItem,
  unpackReplies,
  upSubject,
} from '@sigec/contract';
import { until } from './fixtures.js';

let sequence = 1_000_000;

export const connectItem = (identity: string, more: Partial<ConnectItem> = {}): ConnectItem => ({
  kind: UPLINK.connect,
  seq: ++sequence,
  identity,
  proof: null,
  version: 'ocpp1.6',
  address: '127.0.0.9',
  profile: 1,
  certificate: '',
  at: Date.now(),
  ...more,
});

export const disconnectItem = (stationId: number, epoch: number): DisconnectItem => ({
  kind: UPLINK.disconnect,
  seq: ++sequence,
  stationId,
  epoch,
  code: 1006,
  at: Date.now(),
});

export class FakeEdge {
  /** One list per message of the bus. */
  readonly messages: ReplyItem[][] = [];

  constructor(
    readonly bus: Bus,
    readonly edgeId: string,
  ) {
    bus.subscribe(edgeSubject(edgeId), ({ data, noResponders }) => {
      if (!noResponders) this.messages.push(unpackReplies(data));
    });
  }

  get replies(): ReplyItem[] {
    return this.messages.flat();
  }

  send(...items: UplinkItem[]): void {
    this.bus.publish(upSubject(partitionOf(tokenOf('any'), 16)), packUplink(this.edgeId, items));
  }

  /** Sends in one batch; resolves with the replies in the order of the items. */
  async ask(...items: Exclude<UplinkItem, { kind: typeof UPLINK.record }>[]): Promise<ReplyItem[]> {
    this.send(...items);
    const found = () => items.map((item) => this.replies.find((reply) => reply.seq === item.seq));
    await until(() => found().every((reply) => reply !== undefined), 'all items answered');
    return found() as ReplyItem[];
  }

  async connect(identity: string, more: Partial<ConnectItem> = {}): Promise<ConnectReply> {
    return (await this.ask(connectItem(identity, more)))[0] as ConnectReply;
  }
}
