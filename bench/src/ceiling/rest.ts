/** The room of REST: GET /devices/:id of the control role, beside a bare hello, with the same client in its own process. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@sigec/loadtest';
import { rotate } from '../maths.js';
import { Child, type Server, startServer } from './child.js';
import type { Run } from './load.js';
import { withPlatform } from './platform.js';
import type { RestMeasurement } from './result.js';
import type { Hit, Shot } from './servers/cannon.js';

const DEVICES = 100;
const WARMUP_S = 2;

interface Aim {
  readonly name: RestMeasurement['target'];
  readonly url: string;
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Processor time by group, so far. */
  readonly cpu: () => Promise<Record<string, number>>;
}

async function json(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  // Neither the URL's query nor the body is told: they may hold what nobody should read.
  if (!answer.ok) throw new Error(`rest: ${init.method ?? 'GET'} ${new URL(url).pathname} answered ${answer.status}`);
  return (await answer.json()) as Record<string, unknown>;
}

async function deviceAim(stack: Stack): Promise<Aim> {
  if (stack.api === null) throw new Error('rest: the platform has no control role');
  const { url, email, password } = stack.api;
  const { token } = await json(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const headers = { authorization: `Bearer ${String(token)}` };
  const { items } = await json(`${url}/api/v1/devices?limit=${DEVICES}`, { headers });
  const paths = (items as { id: string }[]).map(({ id }) => `/api/v1/devices/${id}`);
  const cpu = async () =>
    Object.fromEntries(Object.entries(stack.usage()).map(([group, { cpuSeconds }]) => [group, cpuSeconds]));
  return { name: 'device', url, paths, headers, cpu };
}

function helloAim(server: Server, paths: readonly string[]): Aim {
  return {
    name: 'hello',
    url: `http://127.0.0.1:${server.port}`,
    paths: paths.map((path) => path.replace('/api/v1', '')),
    headers: { authorization: 'Bearer of-no-meaning' },
    cpu: async () => ({ hello: await server.cpuSeconds() }),
  };
}

async function shoot(cannon: Child, aim: Aim, { options, signal }: Run, round: number): Promise<RestMeasurement> {
  const shot = (seconds: number): Shot => ({
    url: aim.url,
    paths: aim.paths,
    headers: aim.headers,
    connections: options.connections,
    seconds,
  });
  await cannon.ask<Hit>(shot(WARMUP_S));
  signal.throwIfAborted();
  const before = await aim.cpu();
  const hit = await cannon.ask<Hit>(shot(Math.max(1, Math.round(options.durationMs / 1000))));
  const after = await aim.cpu();
  signal.throwIfAborted();
  const perRequest = (seconds: number) => (hit.requests === 0 ? 0 : (seconds * 1e6) / hit.requests);
  const servers = Object.entries(after).map(([group, used]) => [group, perRequest(used - (before[group] ?? 0))]);
  return {
    target: aim.name,
    round,
    rate: hit.rate,
    p50: hit.p50,
    p90: hit.p90,
    p99: hit.p99,
    cpu: { client: perRequest(hit.cpuSeconds), ...Object.fromEntries(servers) },
    failed: hit.failed,
  };
}

/** One round: both, in another order each time. */
export async function measureRest(
  run: Run,
  round: number,
  told: (measurement: RestMeasurement) => void,
): Promise<RestMeasurement[]> {
  // One person asks for all of them: counted, as in production, and never refused.
  const unrefused = { control: true, env: { SIGEC_RATE_LIMIT: '10000000' } };
  return withPlatform(run.options, unrefused, run.signal, async (stack, signal) => {
    const server = await startServer('hello');
    const cannon = new Child('cannon');
    // A shot is not told to end: it ends with its process.
    const onAbort = () => void cannon.stop();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const device = await deviceAim(stack);
      const found: RestMeasurement[] = [];
      for (const aim of rotate([device, helloAim(server, device.paths)], round)) {
        await sleep(500, undefined, { signal });
        const one = await shoot(cannon, aim, { ...run, signal }, round);
        found.push(one);
        told(one);
      }
      return found;
    } finally {
      signal.removeEventListener('abort', onAbort);
      await Promise.all([server.stop(), cannon.stop()]);
    }
  });
}
