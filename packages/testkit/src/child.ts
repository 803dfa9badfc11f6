/** One server as a child process: starts when it says it is ready, and never outlives this process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { findProgram } from './binaries.js';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Over the few variables that every server gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the server says on standard output or error once it takes connections. */
  readonly ready: RegExp;
  /** How it is asked to end. */
  readonly stopSignal: NodeJS.Signals;
  /** Who runs it, where not this process's user. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface Child {
  readonly pid: number;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Asks it to end, and makes it after 10 s. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Freezes it with its own children: connections stay open, and nothing answers. */
  pause(): void;
  resume(): void;
}

const READY_MS = 120_000;
const STOP_MS = 10_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The processes that a process has started, as far as this system tells. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const one of [pid, ...childrenOf(pid)]) {
    try {
      process.kill(one, signal);
    } catch {
      // It ended in the meantime.
    }
  }
}

/** Starts a server. Rejects with its last words where it ends, or is not ready in time. */
export async function startChild(options: ChildOptions): Promise<Child> {
  // A test runner may be killed without a chance to clean up; then the kernel ends the server.
  const setpriv = findProgram('setpriv');
  const [command, args] = setpriv
    ? [setpriv, ['--pdeathsig', options.stopSignal.slice(3), options.command, ...options.args]]
    : [options.command, [...options.args]];
  const child = spawn(command, args, {
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: options.cwd, LC_ALL: 'C', TZ: 'UTC', ...options.env },
    // A group of its own: Ctrl-C on a terminal is for the program that uses it, which then ends it in order.
    detached: true,
    ...options.user,
  });
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
    child.once('error', () => {
      running.delete(child);
      resolve();
    });
  });
  let words = '';
  const isReady = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_MS);
    const settle = (ok: boolean): void => {
      clearTimeout(timer);
      resolve(ok);
    };
    const hear = (chunk: Buffer): void => {
      words = (words + chunk.toString()).slice(-4096);
      if (options.ready.test(words)) settle(true);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then(() => settle(false));
  });
  const finish = async (signal: NodeJS.Signals): Promise<void> => {
    if (!running.has(child) || child.pid === undefined) return;
    const family = childrenOf(child.pid);
    signalTree(child.pid, 'SIGCONT');
    child.kill(signal);
    if (signal === 'SIGKILL') for (const one of family) signalTree(one, 'SIGKILL');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  if (!(await isReady) || child.pid === undefined) {
    await finish('SIGKILL');
    throw new Error(`${options.command} did not start: ${words.trim().slice(-1000) || 'it said nothing'}`);
  }
  const { pid } = child;
  return {
    pid,
    ended,
    stop: () => finish(options.stopSignal),
    kill: () => finish('SIGKILL'),
    pause: () => signalTree(pid, 'SIGSTOP'),
    resume: () => signalTree(pid, 'SIGCONT'),
  };
}
