/** The room of how a share of the swarm is run: in this process, or in a child of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import type { FromSwarm, ToSwarm } from './plan.js';
import { Swarm } from './swarm.js';

/** One share of the swarm, wherever it runs. */
export interface SwarmHandle {
  readonly pid: number;
  send(message: ToSwarm): void;
  /** Ends it, whatever it does; resolves when nothing of it is left. */
  end(): Promise<void>;
}

type Listener = (message: FromSwarm) => void;

/** Takes the messages of the coordinator to a swarm. */
export function serve(emit: Listener): { take(message: ToSwarm): void; abort(): void } {
  let swarm: Swarm | null = null;
  return {
    take(message) {
      if (message.kind === 'connect') {
        swarm = new Swarm(message.plan, emit);
        swarm.connect();
      } else if (message.kind === 'go') swarm?.go(message.at, message.durationMs);
      else if (message.kind === 'cut') swarm?.cut();
      else if (message.kind === 'rest') swarm?.rest();
      else if (message.kind === 'expectLosses') swarm?.expectLosses();
      else swarm?.finish();
    },
    abort: () => swarm?.abort(),
  };
}

export function localSwarm(listener: Listener): SwarmHandle {
  const served = serve(listener);
  return {
    pid: process.pid,
    send: (message) => served.take(message),
    end: () => {
      served.abort();
      return Promise.resolve();
    },
  };
}

/** The built file, wherever this one runs from. */
const CHILD = new URL('../../dist/swarm/child.js', import.meta.url);
const ENDING_MS = 3000;

export function childSwarm(listener: Listener): SwarmHandle {
  const child = fork(CHILD, { serialization: 'advanced', execArgv: ['--max-old-space-size=4096'] });
  let ended = false;
  child.on('message', (message) => listener(message as FromSwarm));
  child.on('error', (error) => listener({ kind: 'failed', message: error.message }));
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      if (!ended) listener({ kind: 'failed', message: `a process of the swarm ended with ${code ?? signal}` });
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    send: (message) => {
      if (child.connected) child.send(message);
    },
    end: () => {
      ended = true;
      return endChild(child, gone);
    },
  };
}

async function endChild(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDING_MS);
  await gone;
  clearTimeout(timer);
}
