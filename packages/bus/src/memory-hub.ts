/** The in-process twin of a NATS server: who listens, and what is on its way. */
import type { Logger } from '@sigec/runtime';
import type { Bus, BusMessage } from './bus.js';
import { BusUnavailableError } from './errors.js';
import { MemoryEventLog } from './memory-events.js';
import { hasWildcard, matches } from './subject.js';

/** What the switchboard knows of a connection. */
export interface Connection extends Pick<Bus, 'status' | 'onStatus' | 'maxPayload'> {
  /** Rises with each loss of the connection. */
  readonly epoch: number;
  /** An answer to a message that this connection got. */
  answer(replyTo: string, data: Uint8Array): void;
}

export interface MemorySubscription {
  readonly owner: Connection;
  readonly subject: string;
  readonly handler: (message: BusMessage) => void;
  readonly queue: string | undefined;
  active: boolean;
}

interface Interest {
  readonly tokens: readonly string[];
  readonly all: Set<MemorySubscription>;
  readonly groups: Map<string, { readonly members: MemorySubscription[]; next: number }>;
}

interface Delivery {
  readonly to: MemorySubscription;
  /** The connection the receiver had when this was sent: what was on its way is lost with a connection. */
  readonly epoch: number;
  readonly message: BusMessage;
}

/** As a NATS server has by default. */
export const MAX_PAYLOAD = 1_048_576;
/** Most bytes on their way, as a NATS server allows a slow reader 64 MiB; here all readers share one. */
const MAX_PENDING = 256 * 1024 * 1024;

export class Switchboard {
  readonly events: MemoryEventLog;
  readonly #interests = new Map<string, Interest>();
  readonly #wild = new Set<Interest>();
  readonly #logger: Logger | undefined;
  #queue: Delivery[] = [];
  #pending = 0;
  #scheduled = false;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
    this.events = new MemoryEventLog(logger);
  }

  add(subscription: MemorySubscription): void {
    const { subject, queue } = subscription;
    let interest = this.#interests.get(subject);
    if (!interest) {
      interest = { tokens: subject.split('.'), all: new Set(), groups: new Map() };
      this.#interests.set(subject, interest);
      if (hasWildcard(subject)) this.#wild.add(interest);
    }
    if (queue === undefined) {
      interest.all.add(subscription);
      return;
    }
    const group = interest.groups.get(queue) ?? { members: [], next: 0 };
    group.members.push(subscription);
    interest.groups.set(queue, group);
  }

  remove(subscription: MemorySubscription): void {
    const interest = this.#interests.get(subscription.subject);
    if (!interest) return;
    interest.all.delete(subscription);
    const group = subscription.queue === undefined ? undefined : interest.groups.get(subscription.queue);
    if (group && subscription.queue !== undefined) {
      const at = group.members.indexOf(subscription);
      if (at >= 0) group.members.splice(at, 1);
      if (group.members.length === 0) interest.groups.delete(subscription.queue);
    }
    if (interest.all.size + interest.groups.size > 0) return;
    this.#interests.delete(subscription.subject);
    this.#wild.delete(interest);
  }

  /**
   * Hands a message to those who listen now, never in the stack of the publisher.
   * @throws {BusUnavailableError} when too much is on its way
   */
  route(from: Connection, subject: string, data: Uint8Array, replyTo: string | undefined): void {
    const receivers = this.#receivers(subject);
    if (receivers.length === 0) {
      if (replyTo !== undefined) this.#refuse(from, replyTo);
      return;
    }
    if (this.#pending + data.length * receivers.length > MAX_PENDING) {
      throw new BusUnavailableError('the bus takes less than is published');
    }
    for (const to of receivers) {
      const respond = (answer: Uint8Array): void => {
        if (replyTo !== undefined) to.owner.answer(replyTo, answer);
      };
      this.#enqueue(to, { subject, data, noResponders: false, respond });
    }
  }

  /** Nobody listens: only the publisher's own subscriptions hear of it. */
  #refuse(from: Connection, replyTo: string): void {
    const message = { subject: replyTo, data: new Uint8Array(0), noResponders: true, respond: () => {} };
    for (const to of this.#receivers(replyTo)) if (to.owner === from) this.#enqueue(to, message);
  }

  #receivers(subject: string): MemorySubscription[] {
    const found: MemorySubscription[] = [];
    const exact = this.#interests.get(subject);
    if (exact && !this.#wild.has(exact)) this.#collect(exact, found);
    if (this.#wild.size > 0) {
      const tokens = subject.split('.');
      for (const interest of this.#wild) if (matches(interest.tokens, tokens)) this.#collect(interest, found);
    }
    return found;
  }

  #collect(interest: Interest, found: MemorySubscription[]): void {
    for (const one of interest.all) if (one.owner.status === 'connected') found.push(one);
    for (const group of interest.groups.values()) {
      // In turn; those who are disconnected are passed over.
      for (let tried = 0; tried < group.members.length; tried++) {
        const one = group.members[group.next++ % group.members.length];
        if (one?.owner.status !== 'connected') continue;
        found.push(one);
        break;
      }
    }
  }

  #enqueue(to: MemorySubscription, message: BusMessage): void {
    this.#queue.push({ to, epoch: to.owner.epoch, message });
    this.#pending += message.data.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Not a microtask: sockets get their turn between two hops, and what they bring is coalesced.
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    const batch = this.#queue;
    this.#queue = [];
    this.#scheduled = false;
    for (const { to, epoch, message } of batch) {
      this.#pending -= message.data.length;
      if (!to.active || to.owner.epoch !== epoch || to.owner.status !== 'connected') continue;
      try {
        to.handler(message);
      } catch (err) {
        this.#logger?.error({ err, subject: message.subject }, 'bus: a handler failed');
      }
    }
  }
}
