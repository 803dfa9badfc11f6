/** Processes of the built program: started, listened to, ended. None outlives the test that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/sigec.js', import.meta.url));
/** Lets the kernel end the process where the test runner is killed without a chance to clean up. */
const SETPRIV = '/usr/bin/setpriv';
/** The rule of a graceful stop: a process that was asked to end has ended after this, ms. */
export const STOP_MS = 10_000;
/** Characters of output that a failure shows. */
const SHOWN = 6_000;

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<SigecProcess>();
process.on('exit', () => {
  for (const one of running) one.signal('SIGKILL');
});

export class SigecProcess {
  readonly name: string;
  readonly ended: Promise<Exit>;
  exit: Exit | undefined;
  output = '';
  readonly #child: ChildProcess;
  #partial = '';
  readonly #log: LogLine[] = [];

  /** Nothing of this process's environment but the path gets in: the test alone configures. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>, cwd: string) {
    this.name = `sigec ${args.join(' ')}`;
    const own = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', process.execPath] : [process.execPath];
    const [command = '', ...before] = own;
    this.#child = spawn(command, [...before, BIN, ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, TZ: 'UTC', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that the processes it starts can be ended with it.
      detached: true,
    });
    running.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        running.delete(this);
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it logged so far. */
  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** To the process and those it started. */
  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It ended in the meantime.
    }
  }

  /** As a power cut would. */
  async kill9(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Asks it, and not those it started, to end. Rejects with its last words where it does not in time. */
  async stop(): Promise<Exit> {
    if (this.exit !== undefined) return this.exit;
    this.#child.kill('SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), STOP_MS);
    });
    const exit = await Promise.race([this.ended, late]);
    clearTimeout(timer);
    if (exit !== undefined) return exit;
    await this.kill9();
    throw new Error(`${this.name} did not end within ${STOP_MS} ms of SIGTERM\n${this.words()}`);
  }

  /** The end of what it said, for failures. */
  words(): string {
    const how = this.exit ? `ended with ${this.exit.code ?? this.exit.signal}` : 'runs';
    return `--- ${this.name} (${how}) said:\n${this.output.slice(-SHOWN)}`;
  }

  #hear(text: string): void {
    this.output += text;
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('{')) continue;
      try {
        this.#log.push(JSON.parse(line) as LogLine);
      } catch {
        // Not a line of the log.
      }
    }
  }
}

/** Runs a command to its end. */
export async function runSigec(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const one = new SigecProcess(args, env, cwd);
  const { code } = await one.ended;
  return { code, output: one.output };
}
