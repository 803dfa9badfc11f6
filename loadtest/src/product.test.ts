/** Every scenario against `sigec up`: no fault, and the ledger is what the platform has on its books. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { givePglite } from '@sigec/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rest } from './api/rest.js';
import type { LoadOptions } from './run/options.js';
import type { LoadResult } from './run/result.js';
import { runLoad } from './run/run.js';
import { SCENARIOS } from './scenarios/index.js';

const SIGEC = fileURLToPath(new URL('../../packages/cli/bin/sigec.js', import.meta.url));
const EMAIL = 'admin@loadtest.local';
const PASSWORD = 'a-password-of-this-test';
const STATIONS = 100;

const folder = mkdtempSync(join(tmpdir(), 'loadtest-product-'));
let sigec: ChildProcess;
let output = '';
let httpUrl = '';
let ocppUrl = '';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isReady(): Promise<boolean> {
  if (sigec.exitCode !== null) throw new Error(`sigec up has ended\n${output}`);
  return fetch(`${httpUrl}/health/ready`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

beforeAll(async () => {
  const [http, ocpp, metrics] = [await freePort(), await freePort(), await freePort()];
  await givePglite(join(folder, 'data', 'database'));
  httpUrl = `http://127.0.0.1:${http}`;
  ocppUrl = `ws://127.0.0.1:${ocpp}/ocpp`;
  sigec = spawn(process.execPath, [SIGEC, 'up'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      SIGEC_HOST: '127.0.0.1',
      SIGEC_HTTP_PORT: String(http),
      SIGEC_OCPP_PORT: String(ocpp),
      SIGEC_METRICS_PORT: String(metrics),
      SIGEC_DATA_DIR: join(folder, 'data'),
      SIGEC_UNKNOWN_STATIONS: 'accept',
      SIGEC_ADMIN_EMAIL: EMAIL,
      SIGEC_ADMIN_PASSWORD: PASSWORD,
    },
  });
  for (const stream of [sigec.stdout, sigec.stderr]) {
    stream?.on('data', (text) => {
      output = `${output}${text}`.slice(-4000);
    });
  }
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 100));
});

afterAll(async () => {
  const ended = once(sigec, 'exit');
  if (sigec.exitCode === null && sigec.kill('SIGKILL')) await ended;
  rmSync(folder, { recursive: true, force: true });
});

function load(scenario: string, options: Partial<LoadOptions> = {}): Promise<LoadResult> {
  return runLoad({
    url: ocppUrl,
    scenario,
    stations: STATIONS,
    processes: 0,
    identity: `LT-${scenario}-%03d`,
    version: '1.6:50,2.0.1:30,2.1:20',
    durationMs: 1500,
    dayMs: 60_000,
    meters: 3,
    parseEvery: 1,
    watch: [{ name: 'sigec up', pid: sigec.pid ?? 0 }],
    ...(scenario === 'commands' ? { api: { url: httpUrl, email: EMAIL, password: PASSWORD, concurrency: 4 } } : {}),
    ...options,
  });
}

describe('sigec up', () => {
  it.each(SCENARIOS.map(({ name }) => name))('stands the scenario %s', async (scenario) => {
    const result = await load(scenario);
    expect(result.faults.examples).toEqual([]);
    expect(result.passed).toBe(true);
    expect(result.stations.ready).toBe(STATIONS);
    if (scenario !== 'idle' && scenario !== 'storm') expect(result.latency.count).toBeGreaterThan(0);
    if (scenario === 'session') await compareLedger(result);
  });
});

interface Booked {
  readonly ocpp_transaction_id: string;
  readonly energy_wh: number;
  readonly end_time: string | null;
}

/** Some of the stations, one of each version among them: what was acknowledged is in the books, and nothing else. */
async function compareLedger({ ledger }: LoadResult): Promise<void> {
  const rest = new Rest(httpUrl, 10_000);
  await rest.login(EMAIL, PASSWORD);
  const rows = ledger?.transactions ?? [];
  const stations = [...new Set(rows.map(({ station }) => station))].sort().slice(0, 10);
  expect(new Set(rows.filter((row) => stations.includes(row.station)).map(({ version }) => version)).size).toBe(3);
  for (const station of stations) {
    const { body: list } = await rest.send('GET', `/devices?q=${station}`);
    const { id } = (list as { items: { id: string }[] }).items[0]!;
    const { body } = await rest.send('GET', `/transactions/history?device_id=${id}&limit=200`);
    const booked = (body as { items: Booked[] }).items.map((one) => ({
      transactionId: one.ocpp_transaction_id,
      energyWh: one.energy_wh,
      stopped: one.end_time !== null,
    }));
    const acked = rows
      .filter((row) => row.station === station)
      .map(({ transactionId, energyWh, stopAcked }) => ({ transactionId, energyWh, stopped: stopAcked }));
    const byId = (a: { transactionId: string }, b: { transactionId: string }) =>
      a.transactionId < b.transactionId ? -1 : 1;
    expect(booked.sort(byId)).toEqual(acked.sort(byId));
  }
  rest.close();
}
