/** The room of the operator: a small stream of commands through REST, and how each of them ended. */
import { Rest, RestError } from '../api/rest.js';
import { isObject } from '../ocpp/answers.js';
import { seeded } from '../swarm/random.js';
import type { CommandBook } from './book.js';

export interface CommandsOptions {
  readonly api: { readonly url: string; readonly email: string; readonly password: string };
  /** Ids by identity. */
  readonly devices: ReadonlyMap<string, string>;
  readonly perSecond: number;
  readonly seed: number;
}

/** What the charger gets. */
const COMMAND_SECONDS = 8;
/** What REST gets: the charger's time, the looking for it, and a control that was frozen meanwhile. */
const SILENCE_MS = 45_000;
const ACTIONS = [
  ['TriggerMessage', { requestedMessage: 'Heartbeat' }],
  ['GetLocalListVersion', {}],
] as const;

export class Commands {
  readonly books: CommandBook[] = [];
  readonly #rest: Rest;
  readonly #random: () => number;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: CommandsOptions) {
    this.#rest = new Rest(options.api.url, SILENCE_MS);
    this.#random = seeded(options.seed);
  }

  async start(): Promise<void> {
    const { email, password } = this.options.api;
    await this.#rest.login(email, password);
    const all = [...this.options.devices];
    this.#timer = setInterval(() => {
      const device = all[Math.floor(this.#random() * all.length)];
      const action = ACTIONS[Math.floor(this.#random() * ACTIONS.length)];
      if (device === undefined || action === undefined) return;
      const sent = this.#send(device, action).finally(() => this.#underWay.delete(sent));
      this.#underWay.add(sent);
    }, 1000 / this.options.perSecond);
  }

  /** Sends no more, and waits until those under way have ended. */
  async finish(): Promise<void> {
    this.stop();
    await Promise.all(this.#underWay);
    this.#rest.close();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #send([identity, id]: [string, string], [action, payload]: (typeof ACTIONS)[number]): Promise<void> {
    const atMs = Date.now();
    const path = `/devices/${id}/commands/${action}?timeout=${COMMAND_SECONDS}`;
    let end: Pick<CommandBook, 'status' | 'messageId' | 'problem'>;
    try {
      const { status, body } = await this.#rest.send('POST', path, payload);
      const answer = isObject(body) ? body : {};
      const messageId = typeof answer.message_id === 'string' ? answer.message_id : null;
      const problem = typeof answer.code === 'string' ? answer.code : null;
      end = { status, messageId, problem };
    } catch (error) {
      // A connection that breaks tells the operator that nobody knows; only silence is none of the ends.
      end = { status: error instanceof RestError ? -1 : 0, messageId: null, problem: null };
    }
    this.books.push({ identity, atMs, ms: Date.now() - atMs, ...end });
  }
}
