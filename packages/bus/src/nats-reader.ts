/**
 * Reads a part of a stream: a consumer that lives in the server's memory is made, asked once for as much as there is, and
 * taken away. Whoever reads decides how fast; nothing is pushed.
 */
import {
  AckPolicy,
  createInbox,
  DeliverPolicy,
  type JetStreamManager,
  type Msg,
  type NatsConnection,
  nanos,
  ReplayPolicy,
} from 'nats';
import type { StreamEvent, StreamPage } from './bus.js';
import { BusTimeoutError, BusUnavailableError } from './errors.js';
import { sequencesOf } from './nats-follower.js';

/** How long a page may take to come. */
const READ_MS = 10_000;
/** The server forgets a consumer that its reader left behind. */
const FORGOTTEN_MS = 30_000;

export interface StreamSource {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly stream: string;
  /** Where the page is delivered to begins with it. */
  readonly inbox: string;
}

export async function readStream(
  source: StreamSource,
  filter: string,
  after: number,
  limit: number,
): Promise<StreamPage> {
  const { manager, stream } = source;
  // What is appended from here on is not missed: it is behind `through`.
  const { last_seq: last } = (await manager.streams.info(stream)).state;
  if (after >= last) return { events: [], through: last, more: false };
  const { name, num_pending: pending } = await manager.consumers.add(stream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    replay_policy: ReplayPolicy.Instant,
    ack_policy: AckPolicy.None,
    filter_subject: filter,
    inactive_threshold: nanos(FORGOTTEN_MS),
    mem_storage: true,
    num_replicas: 1,
  });
  try {
    const count = Math.min(pending, limit);
    const events = count === 0 ? [] : await take(source, name, count);
    const more = pending > events.length;
    return {
      events,
      through: more ? (events.at(-1)?.sequence ?? after) : Math.max(last, events.at(-1)?.sequence ?? 0),
      more,
    };
  } finally {
    // Best effort: without it the server forgets the consumer by itself.
    manager.consumers.delete(stream, name).catch(() => undefined);
  }
}

/** So many events as are known to be there; fewer where the stream dropped some meanwhile. */
function take({ connection, stream, inbox }: StreamSource, name: string, count: number): Promise<StreamEvent[]> {
  return new Promise((resolve, reject) => {
    const events: StreamEvent[] = [];
    const subject = createInbox(inbox);
    const end = (error?: Error): void => {
      clearTimeout(timer);
      subscription.unsubscribe();
      if (error) reject(error);
      else resolve(events);
    };
    const timer = setTimeout(() => end(new BusTimeoutError(stream, READ_MS)), READ_MS);
    const hear = (error: Error | null, message: Msg): void => {
      const code = error ? 0 : (message.headers?.code ?? 0);
      if (error) end(new BusUnavailableError('the stream of events is away', { cause: error }));
      // 404: there is no more; anything else says that this page cannot be had.
      else if (code === 404) end();
      else if (code >= 400) end(new BusUnavailableError(`the stream of events gives no more (${code})`));
      else {
        const { streamSequence: sequence } = sequencesOf(message.reply ?? '');
        events.push({ sequence, subject: message.subject, data: message.data });
        if (events.length === count) end();
      }
    };
    const subscription = connection.subscribe(subject, { callback: hear });
    const wish = JSON.stringify({ batch: count, no_wait: true });
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, new TextEncoder().encode(wish), {
      reply: subject,
    });
  });
}
