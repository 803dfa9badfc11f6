/** What a handler of one OCPP action is: pure, synchronous, over a view of the data that was read for its batch. */
import type { ErrorMeaning, OcppVersion, RequestMap, ResponseMap } from '@sigec/ocpp';
import type { Needs } from './needs.js';
import type { WorkerSettings } from './settings.js';
import type { Unit } from './unit.js';

/** One CALL, its payload validated. */
export interface Call<Payload> {
  readonly stationId: number;
  readonly version: OcppVersion;
  readonly action: string;
  readonly payload: Payload;
  /** The payload's text, for hashing. */
  readonly text: string;
  /** When the frame reached the edge, ms since 1970. */
  readonly receivedAt: number;
}

/** Refuses a CALL; the meaning is spelled in the version's own error code. Thrown before anything is changed. */
export class CallRefused extends Error {
  constructor(
    readonly meaning: ErrorMeaning,
    description: string,
  ) {
    super(description);
    this.name = 'CallRefused';
  }
}

interface Common<Response> {
  readonly action: string;
  /** Only BootNotification: whether the answer opens the way for commands. */
  readonly booted?: (response: Response) => boolean;
}

/** Answers from nothing but the message: no database, no wait. */
export interface ImmediateHandler<Payload, Response extends object> extends Common<Response> {
  readonly kind: 'immediate';
  answer(call: Call<Payload>, settings: WorkerSettings, now: number): Response;
}

/** Reads and changes data; its answer leaves after the commit. */
export interface DurableHandler<Payload, Response extends object> extends Common<Response> {
  readonly kind: 'durable';
  /** States what it will look up. The station itself is always read. */
  needs?(call: Call<Payload>, needs: Needs): void;
  /**
   * Answers and puts its changes into the unit.
   * @throws {CallRefused} before it has changed anything
   */
  handle(call: Call<Payload>, unit: Unit): Response;
}

export type Handler<Payload, Response extends object> =
  | ImmediateHandler<Payload, Response>
  | DurableHandler<Payload, Response>;

/** A handler whose payload type is known to the validator only. */
export type AnyHandler = Handler<unknown, object>;

type Actions<V extends OcppVersion> = keyof RequestMap[V] & keyof ResponseMap[V] & string;

/**
 * Ties a handler to the payload types of a version. 2.1 repeats the messages of 2.0.1 with more optional fields, so one
 * handler typed by 2.0.1 serves both.
 */
export function define<V extends OcppVersion, A extends Actions<V>>(
  _version: V,
  action: A,
  body:
    | Omit<ImmediateHandler<RequestMap[V][A], ResponseMap[V][A] & object>, 'action'>
    | Omit<DurableHandler<RequestMap[V][A], ResponseMap[V][A] & object>, 'action'>,
): AnyHandler {
  // The one place where the type goes: the router hands a handler only what its action's validator accepted.
  return { ...body, action } as unknown as AnyHandler;
}

/** A SEND of 2.1 (part 4 section 4.2.5): it is never answered, so what its handler gives is dropped. */
export function defineSend<A extends keyof RequestMap['ocpp2.1'] & string>(
  action: A,
  body: Omit<DurableHandler<RequestMap['ocpp2.1'][A], object>, 'action'>,
): AnyHandler {
  return { ...body, action } as unknown as AnyHandler;
}

/** The handlers of one block of OCPP. */
export interface Family {
  readonly of16: readonly AnyHandler[];
  /** Of 2.0.1, and of 2.1, which repeats its messages. */
  readonly of2x: readonly AnyHandler[];
  /** Of 2.1 alone. */
  readonly of21: readonly AnyHandler[];
}
