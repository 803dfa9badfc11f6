/** Gathers the replies of a batch per edge, and sends one message to each. */
import { type Bus, BusUnavailableError } from '@sigec/bus';
import { edgeSubject, packReplies, type ReplyItem } from '@sigec/contract';
import type { Logger } from '@sigec/runtime';

/** Replies over this many bytes go out in more than one message. */
const SPLIT_BYTES = 512 * 1024;

export class Replies {
  readonly #byEdge = new Map<string, ReplyItem[]>();

  add(edgeId: string, item: ReplyItem): void {
    const items = this.#byEdge.get(edgeId);
    if (items) items.push(item);
    else this.#byEdge.set(edgeId, [item]);
  }

  /** Sends all. A reply that is lost with the bus is made again when the edge sends its item again. */
  send(bus: Bus, logger: Logger): void {
    for (const [edgeId, items] of this.#byEdge) {
      try {
        this.#publish(bus, edgeId, items);
      } catch (error) {
        if (!(error instanceof BusUnavailableError)) logger.error({ err: error, edge: edgeId }, 'replies not sent');
      }
    }
  }

  #publish(bus: Bus, edgeId: string, items: ReplyItem[]): void {
    const data = packReplies(items);
    if (data.length > SPLIT_BYTES && items.length > 1) {
      const half = items.length >> 1;
      this.#publish(bus, edgeId, items.slice(0, half));
      this.#publish(bus, edgeId, items.slice(half));
    } else bus.publish(edgeSubject(edgeId), data);
  }
}
