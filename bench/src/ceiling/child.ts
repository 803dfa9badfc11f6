/** The room of our own child processes: started, asked, ended. None outlives this process: they end with its channel. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Asked, Told } from './servers/serve.js';

export type ServerName = 'echo' | 'ocpp-rpc' | 'ocpp-ws-io' | 'hello';

/** They run as they are built, also where this file does not. */
const SERVERS = new URL('../../dist/ceiling/servers/', import.meta.url);
const STOP_MS = 3000;
const LAST_WORDS = 2000;

/** A child that answers each message with one. */
export class Child {
  readonly #child: ChildProcess;
  #words = '';

  constructor(readonly name: string) {
    // A group of its own: Ctrl-C is for this process alone, which then ends the child.
    this.#child = fork(new URL(`${name}.js`, SERVERS), {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#words = (this.#words + chunk.toString()).slice(-LAST_WORDS);
      });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next message of the child. @throws {Error} with its last words, where it ends instead */
  async heard<T>(): Promise<T> {
    const over = new AbortController();
    try {
      const { signal } = over;
      return await Promise.race([
        once(this.#child, 'message', { signal }).then(([told]) => told as T),
        once(this.#child, 'exit', { signal }).then(([code, by]): never => {
          throw new Error(`${this.name} has ended (${code ?? by}): ${this.#words.trim() || 'it said nothing'}`);
        }),
      ]);
    } finally {
      over.abort();
    }
  }

  async ask<T>(message: object): Promise<T> {
    const answer = this.heard<T>();
    this.#child.send(message);
    return answer;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
}

export interface Server {
  readonly name: ServerName;
  readonly pid: number;
  readonly port: number;
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts one of the compared servers; resolves when it takes connections. */
export async function startServer(name: ServerName): Promise<Server> {
  const child = new Child(name);
  try {
    const { port } = await child.heard<Extract<Told, { port: number }>>();
    return {
      name,
      pid: child.pid,
      port,
      cpuSeconds: async () => {
        const asked: Asked = { ask: 'cpu' };
        return (await child.ask<Extract<Told, { cpuSeconds: number }>>(asked)).cpuSeconds;
      },
      stop: () => child.stop(),
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
