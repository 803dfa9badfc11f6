/**
 * Mutated frames of all versions over real sockets. SIGEC_FUZZ_FRAMES says how many, SIGEC_FUZZ_SEED from where; a failure
 * names the frame. A million by hand: SIGEC_FUZZ_FRAMES=1000000 npx vitest run packages/edge/src/fuzz.test.ts
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createMemoryBus } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { type OcppVersion, readEnvelope } from '@sigec/ocpp';
import { createLogger, createMetrics } from '@sigec/runtime';
import { CHARGER_FRAMES, createMutator, type Mutator } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Edge, startEdge } from './edge.js';
import { Charger, dial } from './testing/charger.js';
import { pause, SETTINGS, until } from './testing/fixtures.js';
import { FakeWorker } from './testing/worker.js';

const FRAMES = Number(process.env.SIGEC_FUZZ_FRAMES ?? 10_000);
const SEED = Number(process.env.SIGEC_FUZZ_SEED ?? 20_260_101);
const SOCKETS: readonly OcppVersion[] = ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1', 'ocpp1.6'];
/** Frames sent before their answers are waited for: below what an edge takes for a flood. */
const AHEAD = 8;
/** Growth of the heap that is no leak: caches, compiled code, buffers that wait for their collection. */
const GROWTH_BYTES = 48 * 1024 * 1024;

const hub = createMemoryBus();
const worker = new FakeWorker(hub.connect('worker'));
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
const metrics = createMetrics('edge');
const failures: string[] = [];
let edge: Edge;

beforeAll(async () => {
  process.on('uncaughtExceptionMonitor', note);
  const logger = createLogger({
    role: 'test',
    level: 'info',
    destination: {
      write: (line) => {
        if (/"level":(50|60|"error"|"fatal")/.test(line)) failures.push(line);
      },
    },
  });
  edge = await startEdge({ bus: hub.connect('e1'), cache: createMemoryCache(), settings: SETTINGS, logger, metrics });
});
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', note);
  await edge.close();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
setFlagsFromString('--no-expose-gc');
function heap(): number {
  worker.batches.length = 0;
  collect();
  return process.memoryUsage().heapUsed;
}

class Fuzzer {
  sent = 0;
  answered = 0;
  dials = 0;
  #charger: Charger | null = null;
  /** Shaped like a CALL, by id: each is answered, or its socket is closed. */
  readonly #owed = new Map<string, string>();

  constructor(
    private readonly name: string,
    private readonly version: OcppVersion,
    private readonly mutator: Mutator,
  ) {}

  async run(frames: number): Promise<void> {
    const last = this.sent + frames;
    while (this.sent < last) {
      const charger = await this.#dialled();
      const id = `${this.name}-${++this.sent}`;
      // Byte by byte, so that what is no UTF-8 stays none.
      const frame = Buffer.from(this.mutator.next().toString('latin1').replaceAll('@ID@', id), 'latin1');
      charger.ws.send(frame, { binary: false });
      const read = readEnvelope(frame.toString(), this.version);
      // Half a surrogate pair is no Unicode text: it comes back as the sign for what is none.
      if (read.kind === 'call') this.#owed.set(Buffer.from(read.id).toString(), frame.toString('latin1'));
      if (this.sent % AHEAD === 0) await this.#caughtUp(charger);
    }
  }

  end(): void {
    this.#charger?.ws.terminate();
  }

  async #dialled(): Promise<Charger> {
    if (this.#charger !== null && this.#charger.ws.readyState === 1) return this.#charger;
    this.#owed.clear();
    this.dials++;
    let made = await dial(edge.port, `/ocpp/${this.name}`, { protocols: [this.version] });
    // A machine that does too much else has its edge send chargers away for a while.
    for (let again = 0; !(made instanceof Charger) && made.status === 503 && again < 50; again++) {
      await pause(200);
      made = await dial(edge.port, `/ocpp/${this.name}`, { protocols: [this.version] });
    }
    if (!(made instanceof Charger)) throw new Error(`${this.name} was refused with ${made.status}`);
    this.#charger = made;
    return made;
  }

  /** A call of its own comes back after all that went before. */
  async #caughtUp(charger: Charger): Promise<void> {
    if (charger.ws.readyState !== 1) return;
    const id = `${this.name}-up-${this.sent}`;
    this.#owed.set(id, 'a heartbeat');
    charger.send(2, id, 'Heartbeat', {});
    const settled = () => {
      for (const [type, of] of charger.got.splice(0))
        if ((type === 3 || type === 4) && this.#owed.delete(Buffer.from(String(of)).toString())) this.answered++;
      return this.#owed.size === 0 || charger.closed !== undefined;
    };
    await soon(settled, () => `an answer to ${[...this.#owed.values()].join(' and ').slice(0, 4_000)} (seed ${SEED})`);
    this.#owed.clear();
  }
}

/** As `until`, looked at each turn of the event loop first: most answers are there at once. */
async function soon(holds: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(holds, 'it is settled', 20_000).catch(() => {
    throw new Error(`never: ${what()}`);
  });
}

it(`${FRAMES} mutated frames over ${SOCKETS.length} sockets end no process, no session but their own, and leave nothing`, async () => {
  const control = await dial(edge.port, '/ocpp/control');
  if (!(control instanceof Charger)) throw new Error('the control charger was refused');
  let running = true;
  let beats = 0;
  let worst = 0;
  const beating = (async () => {
    while (running) {
      const begun = performance.now();
      await control.call(`beat-${++beats}`, 'Heartbeat');
      worst = Math.max(worst, performance.now() - begun);
      control.got.length = 0;
      await pause(5);
    }
  })();
  const fuzzers = SOCKETS.map(
    (version, n) => new Fuzzer(`fuzz${n}`, version, createMutator(CHARGER_FRAMES[version], SEED + n)),
  );
  const share = Math.ceil(FRAMES / SOCKETS.length / 10);
  const heaps: number[] = [];
  for (let part = 0; part < 10; part++) {
    await Promise.all(fuzzers.map((fuzzer) => fuzzer.run(share)));
    heaps.push(heap());
    expect(edge.sessions).toBeLessThanOrEqual(SOCKETS.length + 1);
    expect(uncaught).toEqual([]);
  }
  running = false;
  await beating;
  expect(control.closed).toBeUndefined();
  expect(beats).toBeGreaterThan(10);
  // Others feel noise, no more: far below what a charger waits for.
  expect(worst).toBeLessThan(5_000);
  expect((heaps.at(-1) ?? 0) - (heaps[1] ?? 0)).toBeLessThan(GROWTH_BYTES);
  // It was a test of something: CALLs were answered, and nonsense had its sockets closed.
  for (const { answered, dials, sent } of fuzzers) {
    expect(answered).toBeGreaterThan(sent / 10);
    expect(dials).toBeLessThan(sent / 10);
  }
  expect(failures).toEqual([]);
  for (const fuzzer of fuzzers) fuzzer.end();
  control.ws.terminate();
  await until(() => edge.sessions === 0, 'all sessions end');
  if (FRAMES > 10_000) {
    const counts = fuzzers.map(({ sent, answered, dials }) => ({ sent, answered, dials }));
    process.stdout.write(`${JSON.stringify({ seed: SEED, counts, beats, worstMs: Math.round(worst), heaps })}\n`);
  }
}, 3_600_000);
