/**
 * Mutated messages of every action that is handled, over real sockets into the whole product: edge, bus, handlers and
 * database. SIGEC_FUZZ_FRAMES says how many, SIGEC_FUZZ_SEED from where; a failure names the frames.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogueOf } from '@sigec/ocpp';
import { CHARGER_FRAMES, createMutator } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
// The worker's own test sees to it that they hold every handler.
import { SAMPLES } from '../../worker/src/testing/samples.js';
import { Charger } from './support/charger.js';
import { VERSIONS, type Version } from './support/dialect.js';
import { type Embedded, startEmbedded } from './support/embedded.js';
import { tellOnFailure } from './support/failure.js';
import { Raw } from './support/raw.js';
import { endpoint, register } from './support/system.js';

const FRAMES = Number(process.env.SIGEC_FUZZ_FRAMES ?? 900);
const SEED = Number(process.env.SIGEC_FUZZ_SEED ?? 20_260_101);
/** Frames sent before their answers are waited for: below what an edge takes for a flood. */
const AHEAD = 8;
/** Share of messages that are left whole: they make what the others then meet. */
const WHOLE = 0.15;

function framesOf(version: Version): string[] {
  const kinds = new Map<string, string>(catalogueOf(`ocpp${version}`).map(({ action, kind }) => [action, kind]));
  const samples = Object.entries(SAMPLES[`ocpp${version}`] as Readonly<Record<string, readonly object[]>>);
  const valid = samples.flatMap(([action, payloads]) =>
    payloads.map((payload) => JSON.stringify([kinds.get(action) === 'send' ? 6 : 2, '@ID@', action, payload])),
  );
  return [...CHARGER_FRAMES[`ocpp${version}`], ...valid];
}

describe('the whole product', () => {
  let system: Embedded;
  beforeAll(async () => {
    system = await startEmbedded({ SIGEC_FLAP_LIMIT: '0' });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    Raw.closeAll();
    await Charger.closeAll();
    await system?.close();
  });

  /** One station that says what no charger should; how often it was answered, and had to dial. */
  async function fuzz(version: Version, seed: number, frames: number): Promise<{ answered: number; dials: number }> {
    const { identity, credentials } = await register(system);
    const mutator = createMutator(framesOf(version), seed, WHOLE);
    const dial = () => Raw.connect(`${endpoint(system)}/${identity}`, [`ocpp${version}`], credentials);
    const counts = { answered: 0, dials: 0 };
    let raw: Raw | undefined;
    let last: string[] = [];
    for (let sent = 0; sent < frames; ) {
      if (raw === undefined || raw.closeCode !== undefined) {
        counts.dials++;
        raw = await dial().catch(async (error: Error) => {
          // A machine that does too much else sends chargers away for a while.
          if (!/HTTP 503/.test(error.message)) throw error;
          await sleep(200);
          return undefined;
        });
        continue;
      }
      last = [];
      for (let n = 0; n < AHEAD; n++) {
        const frame = mutator.next().toString('latin1').replaceAll('@ID@', `${++sent}`);
        last.push(frame.slice(0, 2_000));
        raw.socket.send(Buffer.from(frame, 'latin1'), { binary: false });
      }
      const id = `up-${sent}`;
      raw.send([2, id, 'Heartbeat', {}]);
      for (;;) {
        const text = await raw.next().catch((error: Error) => error);
        if (text instanceof Error) {
          if (raw.closeCode !== undefined) break;
          throw new Error(`${version}, seed ${seed}: ${text.message} after ${last.join('\n')}`);
        }
        const [type, of] = JSON.parse(text) as unknown[];
        if (of === id) break;
        if (type === 3 || type === 4) counts.answered++;
      }
    }
    raw?.terminate();
    return counts;
  }

  it(`takes ${FRAMES} mutated messages: each is answered, and nobody else is harmed`, {
    timeout: 3_600_000,
  }, async () => {
    const device = await register(system);
    const bystander = await Charger.connect(endpoint(system), device.credentials, '2.0.1');
    await bystander.settle();
    let running = true;
    let beats = 0;
    const beating = (async () => {
      for (; running; beats++) {
        await bystander.heartbeat();
        await sleep(5);
      }
    })();
    beating.catch(() => undefined);
    const share = Math.ceil(FRAMES / VERSIONS.length);
    const counts = await Promise.all(VERSIONS.map((version, n) => fuzz(version, SEED + n, share)));
    running = false;
    await beating;
    expect(bystander.closes).toEqual([]);
    expect(beats).toBeGreaterThan(10);
    expect(await system.rest.device(device.id)).toMatchObject({ online: true });
    expect(await system.rest.history(device.id)).toEqual([]);
    expect(system.process.exit).toBeUndefined();
    // A message may be refused, also by the database; nothing of ours may stumble over one.
    const stumbled = system.log().filter((line) => {
      const { type = '' } = (line.err ?? {}) as { type?: string };
      return line.level === 'fatal' || /^(Type|Range|Reference|Syntax)Error$/.test(type);
    });
    expect(stumbled.slice(0, 3)).toEqual([]);
    for (const { answered, dials } of counts) {
      expect(answered).toBeGreaterThan(share / 5);
      expect(dials).toBeLessThan(share / 10);
    }
    if (process.env.SIGEC_FUZZ_FRAMES !== undefined)
      process.stdout.write(`${JSON.stringify({ frames: FRAMES, seed: SEED, counts, beats })}\n`);
  });
});
