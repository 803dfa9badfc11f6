/** The room of one process of the product: started, ready when its health page says so, listened to, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** One process of a role. It comes back on the same ports. */
export interface StackProcess {
  /** `edge 1`, `worker 2`, `control`. */
  readonly name: string;
  /** Of the process that runs now, or ran last; it changes with a start. */
  readonly pid: number;
  readonly alive: boolean;
  /** Of its health and metrics. */
  readonly opsUrl: string;
  /** Ends it as a power cut would; it stays dead until `start`. */
  kill(): Promise<void>;
  /** Asks it to end, and makes it after a while. */
  stop(): Promise<void>;
  /** Starts it where it does not run; resolves when it is ready. */
  start(): Promise<void>;
  /** Freezes it: its connections stay open, and nothing answers. */
  pause(): void;
  resume(): void;
}

export interface RoleOptions {
  readonly name: string;
  readonly role: string;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Port of its health page; a command that runs to its end has none. */
  readonly opsPort?: number;
  readonly onLine?: ((text: string) => void) | undefined;
  /** It ended, and nobody here had ended it. */
  readonly onLost?: (reason: string) => void;
}

const SIGEC = fileURLToPath(new URL('../../../packages/cli/bin/sigec.js', import.meta.url));
/** Lets the kernel end a process whose parent is killed without a chance to clean up. */
const SETPRIV = '/usr/bin/setpriv';
const READY_MS = 300_000;
const POLL_MS = 50;
/** A profile is written at the end, which takes its time. */
const STOP_MS = 20_000;
const LAST_WORDS = 4000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class RoleProcess implements StackProcess {
  readonly name: string;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #code: number | string | null = null;
  #pid = 0;
  #wanted = false;
  #words = '';

  constructor(private readonly options: RoleOptions) {
    this.name = options.name;
  }

  get pid(): number {
    return this.#pid;
  }

  get alive(): boolean {
    return this.#child !== null;
  }

  get opsUrl(): string {
    return `http://127.0.0.1:${this.options.opsPort}`;
  }

  async start(): Promise<void> {
    if (this.#child === null) this.#spawn();
    const { opsPort } = this.options;
    if (opsPort === undefined) return;
    const deadline = Date.now() + READY_MS;
    while ((await healthOf(opsPort)) !== 200) {
      if (!this.alive) throw new Error(this.#obituary());
      if (Date.now() > deadline) throw new Error(`${this.name} was not ready in ${READY_MS / 1000} s: ${this.#words}`);
      await sleep(POLL_MS);
    }
  }

  /** Runs a command to its end. @throws {Error} with its last words, where it fails */
  async run(): Promise<void> {
    this.#spawn();
    this.#wanted = false;
    await this.#ended;
    if (this.#code !== 0) throw new Error(this.#obituary());
  }

  kill(): Promise<void> {
    return this.#finish('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#finish('SIGTERM');
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async #finish(signal: NodeJS.Signals): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #spawn(): void {
    const { role, nodeArgs, env, cwd } = this.options;
    if (!existsSync(SIGEC)) throw new Error('the product is not built: packages/cli/bin/sigec.js is not there');
    const own = [process.execPath, ...nodeArgs, SIGEC, role];
    const [command = '', ...args] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', ...own] : own;
    const child = spawn(command, args, {
      cwd,
      // Nothing of this process's environment but the path gets in. A group of its own: Ctrl-C is for the harness.
      env: { PATH: process.env.PATH, HOME: cwd, TZ: 'UTC', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.#pid = child.pid ?? 0;
    this.#wanted = true;
    this.#words = '';
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) this.#listen(stream);
    this.#ended = new Promise((resolve) => {
      const over = (code: number | string | null) => {
        if (this.#child !== child) return;
        running.delete(child);
        this.#child = null;
        this.#code = code;
        resolve();
        if (this.#wanted) this.options.onLost?.(this.#obituary());
      };
      child.once('error', (error) => over(error.message));
      child.once('close', (code, signal) => over(code ?? signal));
    });
  }

  #listen(stream: NodeJS.ReadableStream | null): void {
    let partial = '';
    stream?.on('data', (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString()).slice(-LAST_WORDS);
      const lines = (partial + chunk.toString()).split('\n');
      partial = (lines.pop() ?? '').slice(-LAST_WORDS);
      for (const line of lines) this.options.onLine?.(`${this.name}: ${line}`);
    });
  }

  #obituary(): string {
    return `${this.name} has ended (${this.#code}): ${this.#words.trim() || 'it said nothing'}`;
  }
}

/** Status of a health page; undefined where nobody answers. */
function healthOf(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/health/ready', agent: false, timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
