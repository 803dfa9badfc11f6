/** For tests: a worker that takes uplink batches off the bus and answers as it is told. */
import type { Bus, BusSubscription } from '@sigec/bus';
import {
  type CallItem,
  type ConnectItem,
  type ConnectReply,
  type DisconnectItem,
  edgeSubject,
  packReplies,
  REPLY,
  type RecordItem,
  type ReplyItem,
  UP_WILDCARD,
  UPLINK,
  type UplinkItem,
  unpackUplink,
  WORKER_QUEUE,
} from '@sigec/contract';
import { writeResult } from '@sigec/ocpp';

export class FakeWorker {
  /** The empty answer that every call gets where nothing else is said. */
  static readonly answer = (item: CallItem): string => writeResult(item.id, {});
  /** One list per message of the bus. */
  readonly batches: { subject: string; edgeId: string; items: UplinkItem[] }[] = [];
  /** What becomes of a connection; undefined: no answer. */
  onConnect: (item: ConnectItem) => Partial<ConnectReply> | undefined = () => ({});
  /** The frame that answers a call, and what the session learns of it; undefined: no answer. */
  onCall: (item: CallItem) => string | ReplyItem | undefined = FakeWorker.answer;
  readonly #epochs = new Map<string, number>();
  readonly #ids = new Map<string, number>();
  readonly #subscription: BusSubscription;

  constructor(private readonly bus: Bus) {
    this.#subscription = bus.subscribe(
      UP_WILDCARD,
      ({ subject, data }) => {
        const { edgeId, items } = unpackUplink(data);
        this.batches.push({ subject, edgeId, items });
        const replies = items.map((item) => this.#answer(item)).filter((reply) => reply !== undefined);
        if (replies.length > 0) this.reply(edgeId, ...replies);
      },
      { queue: WORKER_QUEUE },
    );
  }

  get items(): UplinkItem[] {
    return this.batches.flatMap((batch) => batch.items);
  }

  get calls(): CallItem[] {
    return this.items.filter((item) => item.kind === UPLINK.call || item.kind === UPLINK.send) as CallItem[];
  }

  get connects(): ConnectItem[] {
    return this.items.filter((item) => item.kind === UPLINK.connect);
  }

  get disconnects(): DisconnectItem[] {
    return this.items.filter((item) => item.kind === UPLINK.disconnect);
  }

  get records(): RecordItem[] {
    return this.items.filter((item) => item.kind === UPLINK.record);
  }

  reply(edgeId: string, ...replies: ReplyItem[]): void {
    this.bus.publish(edgeSubject(edgeId), packReplies(replies));
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }

  #answer(item: UplinkItem): ReplyItem | undefined {
    switch (item.kind) {
      case UPLINK.connect: {
        const more = this.onConnect(item);
        return more && this.accepted(item, more);
      }
      case UPLINK.disconnect:
        return { kind: REPLY.done, seq: item.seq };
      case UPLINK.record:
        return undefined;
      default: {
        const answer = this.onCall(item);
        if (typeof answer !== 'string') return answer;
        const booted = item.action === 'BootNotification' ? 1 : -1;
        return { kind: REPLY.frame, seq: item.seq, text: answer, booted };
      }
    }
  }

  /** The reply that lets a station in under its next epoch, as the database counts it. */
  accepted({ seq, identity, version }: ConnectItem, more: Partial<ConnectReply> = {}): ConnectReply {
    const epoch = (this.#epochs.get(identity) ?? 0) + 1;
    this.#epochs.set(identity, epoch);
    const stationId = this.#ids.get(identity) ?? this.#ids.size + 1;
    this.#ids.set(identity, stationId);
    const basics = {
      stationId,
      epoch,
      booted: true,
      pingSeconds: -1,
      retryAfter: 0,
      version: version === '' ? '' : version,
    };
    return { kind: REPLY.connect, seq, status: 'accepted', reason: '', ...basics, ...more };
  }
}
