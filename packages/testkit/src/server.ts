/** What every real server of a test can do: end, die, come back on the same port with the same data, freeze. */
import { type Child, type ChildOptions, startChild } from './child.js';
import { freePort, type TempDir } from './temp.js';

export interface RealServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now; it changes with a restart. */
  readonly pid: number;
  /** Resolves when the process that runs now has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it and removes its data; safe to call twice. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; `restart` brings it back with what it had stored. */
  kill(): Promise<void>;
  /** Ends it in order, and keeps its data; `restart` brings it back. */
  end(): Promise<void>;
  /** Ends it in order if it still runs, and starts it on the same port and data. */
  restart(): Promise<void>;
  /** Freezes it: connections stay open, and nothing answers. */
  pause(): void;
  resume(): void;
}

/** Starts a server on a free port in a folder. Another process may take the port first, so it tries more than once. */
export async function startServer(
  folder: TempDir,
  url: (port: number) => string,
  options: (port: number) => ChildOptions,
): Promise<RealServer> {
  let port = 0;
  let child: Child | undefined;
  for (let attempt = 1; child === undefined; attempt++) {
    port = await freePort();
    try {
      child = await startChild(options(port));
    } catch (error) {
      if (attempt < 3 && /in use|EADDRINUSE/i.test(String(error))) continue;
      folder.remove();
      throw error;
    }
  }
  let current = child;
  return {
    url: url(port),
    port,
    get pid() {
      return current.pid;
    },
    get ended() {
      return current.ended;
    },
    stop: async () => {
      await current.stop();
      folder.remove();
    },
    kill: () => current.kill(),
    end: () => current.stop(),
    restart: async () => {
      await current.stop();
      current = await startChild(options(port));
    },
    pause: () => current.pause(),
    resume: () => current.resume(),
  };
}
