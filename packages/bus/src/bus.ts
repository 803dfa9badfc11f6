/** The seam between the roles: what any bus (NATS, the in-process twin) does. Policy (what is sent where) lives elsewhere. */

/**
 * A message as a subscriber sees it. Nobody changes `data`, neither the bus nor whoever gets it; whoever keeps it for long
 * copies it, because it is a view into the larger piece it arrived in.
 */
export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Answers a {@link Bus.request}; does nothing where the message asked for no answer. Never throws. */
  respond(data: Uint8Array): void;
  /** True where the bus itself says that nobody listens on the subject of an earlier publish (see `replyTo`). */
  readonly noResponders: boolean;
}

export interface SubscribeOptions {
  /** Members of one queue group share the messages of a subject; without it every subscriber gets all. */
  readonly queue?: string;
}

export interface BusSubscription {
  /** Stops at once; messages already handed to the handler are not recalled. */
  unsubscribe(): void;
}

export interface PublishOptions {
  /**
   * Where the bus reports "no responders": if nobody listens on `subject`, an empty message with `noResponders: true`
   * arrives on this subject. Nothing arrives if somebody listens.
   */
  readonly replyTo?: string;
}

export type BusStatus = 'connected' | 'disconnected' | 'closed';

export interface Bus {
  readonly status: BusStatus;
  /** Called on each change of status; the returned function takes the listener away. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /**
   * Fire and forget, in order per publisher; the data may not be changed afterwards. What is published as the bus goes
   * away is lost without a word: callers that need to know ask for an answer.
   * @throws {BusUnavailableError} when the bus is closed, disconnected, or takes less than is published
   * @throws {BusSubjectError} when the subject is empty, too long, or holds wildcards or spaces
   * @throws {BusPayloadError} when the data is larger than the bus takes (`maxPayload`)
   */
  publish(subject: string, data: Uint8Array, options?: PublishOptions): void;
  /**
   * Handlers are called synchronously in arrival order and must not await; what one throws is logged and harms no other
   * message. `*` matches one token, `>` the rest. A subscription outlives a loss of the bus. May be made while it is away.
   * @throws {BusUnavailableError} when the bus is closed
   * @throws {BusSubjectError} when the subject cannot be one
   */
  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription;
  /**
   * One answer to one message.
   * @throws {NoRespondersError} when nobody listens (known at once)
   * @throws {BusTimeoutError} when no answer came in time
   * @throws {BusUnavailableError} when the bus is away
   */
  request(subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /**
   * Resolves when what was published and subscribed so far has reached the server.
   * @throws {BusUnavailableError} when the bus is away, or does not answer in 10 s
   */
  flush(): Promise<void>;
  /** Largest message in bytes. */
  readonly maxPayload: number;
  /** The durable stream of events (JetStream EVENTS). */
  readonly events: EventStream;
  /** Ends subscriptions, flushes, closes. Safe to call twice. */
  close(): Promise<void>;
}

/** One event as consumers get it. */
export interface StreamEvent {
  /** Position in the stream, rising. */
  readonly sequence: number;
  readonly subject: string;
  readonly data: Uint8Array;
}

/** How far a stream reaches. */
export interface StreamState {
  /** When it was made, ms since 1970: sequences of a stream that was made anew are others. */
  readonly made: number;
  /** The oldest it still keeps; `last + 1` where it keeps none. */
  readonly first: number;
  /** The newest; 0 where there was none yet. */
  readonly last: number;
}

/** A part of a stream. */
export interface StreamPage {
  readonly events: readonly StreamEvent[];
  /** All that matches up to here, inclusive, is in this page or before it. */
  readonly through: number;
  /** True where more was there already when it was asked for. */
  readonly more: boolean;
}

/** A durable, de-duplicated, replayable stream. */
export interface EventStream {
  /**
   * Appends an event; resolves when it is stored. The same `id` again within the window of duplicates is stored once.
   * @throws {BusSubjectError} when the subject does not begin with `events.`
   * @throws {BusUnavailableError | BusTimeoutError} when it is not known to be stored: append it again under the same id
   */
  append(id: string, subject: string, data: Uint8Array): Promise<void>;
  /**
   * Calls the handler for each event after `fromSequence` (exclusive; undefined = only new ones), in order.
   * `filter` is a subject with wildcards below `events.`. Survives a restart of the bus without a gap; events older than
   * the stream keeps (7 days) are skipped.
   * @throws {BusUnavailableError | BusTimeoutError} when it cannot begin
   */
  follow(
    filter: string,
    handler: (event: StreamEvent) => void,
    options?: { readonly fromSequence?: number },
  ): Promise<BusSubscription>;
  /** @throws {BusUnavailableError | BusTimeoutError} when it cannot be asked */
  state(): Promise<StreamState>;
  /**
   * The next events after `after` (exclusive), at most `limit`, in order; for readers that take their time, where
   * {@link follow} pushes.
   * @throws {BusUnavailableError | BusTimeoutError} when not all of it came
   */
  read(filter: string, after: number, limit: number): Promise<StreamPage>;
}
