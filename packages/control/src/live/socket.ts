/**
 * One WebSocket, from its upgrade to its end: a token or an API key first, as a subprotocol or as the first message, then
 * subscriptions. What it says is done in order; what cannot be done is answered with a problem and leaves the socket open.
 */
import type { RawData, WebSocket } from 'ws';
import type { Services } from '../context.js';
import { codeOf, loggable, rootOf } from '../http/failures.js';
import { ProblemError, problemBody } from '../problem.js';
import { fieldErrors } from '../wire/field-errors.js';
import { ClientMessage } from '../wire/live.js';
import { LIVE_CLOSE, type LiveClose } from './codes.js';
import { BEAT_MS, type LiveSession } from './hub.js';
import { SocketOutlet } from './socket-outlet.js';
import { admit } from './token.js';
import { checkWish } from './wish.js';

/** For the first token to come, ms. */
const TOKEN_MS = 10_000;
/** Messages of a client that wait for those before them. */
const MAX_PENDING = 32;
const MAX_SUBSCRIPTIONS = 50;

type Subscribe = Extract<ClientMessage, { type: 'subscribe' }>;

export class LiveSocket {
  readonly #services: Services;
  readonly #ws: WebSocket;
  readonly #language: 'pt' | 'en';
  readonly #outlet: SocketOutlet;
  readonly #hurry: NodeJS.Timeout;
  #session: LiveSession | undefined;
  #work: Promise<void> = Promise.resolve();
  #pending = 0;
  #alive = true;
  #ended = false;

  /** @param token where it came as a subprotocol */
  constructor(services: Services, ws: WebSocket, language: 'pt' | 'en', token: string | undefined) {
    this.#services = services;
    this.#ws = ws;
    this.#language = language;
    this.#outlet = new SocketOutlet(ws);
    this.#hurry = setTimeout(() => this.#end(LIVE_CLOSE.noToken, 'no token'), TOKEN_MS);
    ws.on('message', (data, binary) => this.#hear(data, binary));
    ws.on('pong', () => {
      this.#alive = true;
    });
    ws.on('error', () => undefined);
    ws.on('close', () => this.#gone());
    if (token !== undefined) this.#enqueue(() => this.#authenticate(token));
  }

  get authenticated(): boolean {
    return this.#session !== undefined;
  }

  /** Asks for a sign of life; one that gave none since the last time is cut off. */
  ping(): void {
    if (!this.#alive) {
      this.#end(LIVE_CLOSE.unresponsive, 'unresponsive');
      this.#ws.terminate();
      return;
    }
    this.#alive = false;
    this.#ws.ping();
  }

  goAway(): void {
    this.#end(LIVE_CLOSE.goingAway, 'going away');
  }

  #hear(data: RawData, binary: boolean): void {
    if (this.#ended) return;
    const message = binary ? undefined : read(data);
    if (message === undefined || this.#pending >= MAX_PENDING) this.#end(LIVE_CLOSE.policy, 'not understood');
    else this.#enqueue(() => this.#take(message));
  }

  #enqueue(work: () => Promise<void>): void {
    this.#pending += 1;
    this.#work = this.#work
      .then(() => (this.#ended ? undefined : work()))
      .catch((error: unknown) => {
        this.#services.logger.error(loggable(rootOf(error)), 'live: a message failed');
        this.#end(LIVE_CLOSE.tryLater, 'failed');
      })
      .finally(() => {
        this.#pending -= 1;
      });
  }

  async #take(message: unknown): Promise<void> {
    const checked = ClientMessage.safeParse(message);
    const id = idOf(message);
    if (!checked.success)
      return this.#refuse(id, new ProblemError('validation', { errors: fieldErrors(checked.error.issues) }));
    const said = checked.data;
    if (said.type === 'auth') return this.#authenticate(said.token);
    if (said.type === 'ping') return this.#outlet.say({ type: 'pong' });
    if (this.#session === undefined) return this.#end(LIVE_CLOSE.noToken, 'no token');
    if (said.type === 'subscribe') return this.#subscribe(this.#session, said);
    this.#session.connection.unsubscribe(said.id);
    this.#outlet.say({ type: 'unsubscribed', id: said.id });
  }

  async #authenticate(token: string): Promise<void> {
    const { live, callers } = this.#services;
    const admission = await admit(callers, `Bearer ${token}`);
    if (this.#ended) return;
    if (admission === undefined) return this.#end(LIVE_CLOSE.unauthorized, 'unauthorized');
    if (this.#session === undefined) {
      if (!live.hasRoom(admission.actor)) return this.#end(LIVE_CLOSE.tooMany, 'too many connections');
      clearTimeout(this.#hurry);
      this.#session = live.open(admission, this.#outlet);
    } else if (!this.#session.renew(admission)) return this.#end(LIVE_CLOSE.unauthorized, 'another person');
    const { actor, expiresAt } = admission;
    this.#outlet.say({
      ...{ type: 'ready', user_id: actor.userId, role: actor.role, heartbeat_seconds: BEAT_MS / 1000 },
      ...(actor.keyId === undefined ? {} : { api_key_id: String(actor.keyId) }),
      expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    });
  }

  async #subscribe(session: LiveSession, said: Subscribe): Promise<void> {
    const { connection, admission } = session;
    const { db, logger } = this.#services;
    const { id, topics, device_ids: deviceIds, site_ids: siteIds, after } = said;
    try {
      if (connection.size >= MAX_SUBSCRIPTIONS && !connection.has(id)) throw new ProblemError('too-many-requests');
      const wish = await checkWish(db, admission.actor, { topics, deviceIds, siteIds });
      const prepared = await session.prepare(id, admission.actor, wish);
      if (prepared === undefined) throw new ProblemError('overloaded');
      // What was missed may be long: meanwhile other messages are heard.
      connection.run(prepared, after).catch((error: unknown) => {
        logger.warn(loggable(rootOf(error)), 'live: what was missed could not be read');
        this.#end(LIVE_CLOSE.tryLater, 'try later');
      });
    } catch (error) {
      if (error instanceof ProblemError) return this.#refuse(id, error);
      logger.warn(loggable(rootOf(error)), 'live: a subscription failed');
      this.#refuse(id, new ProblemError(codeOf(error)));
    }
  }

  #refuse(id: string | undefined, { code, options }: ProblemError): void {
    this.#outlet.say({ type: 'error', id, problem: problemBody(code, this.#language, options) });
  }

  #end(code: LiveClose, reason: string): void {
    if (this.#ended) return;
    if (this.#session !== undefined) this.#session.connection.end(code, reason);
    else this.#outlet.end(code, reason);
    this.#gone(code);
  }

  #gone(code: LiveClose = LIVE_CLOSE.goingAway): void {
    this.#ended = true;
    clearTimeout(this.#hurry);
    this.#session?.connection.gone(code);
  }
}

/** Undefined where it is no JSON. */
function read(data: RawData): unknown {
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return undefined;
  }
}

function idOf(message: unknown): string | undefined {
  const id = (message as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id.slice(0, 64) : undefined;
}
