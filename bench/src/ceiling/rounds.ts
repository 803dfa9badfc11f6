/** The room of the rounds: every target once in each, in another order each time, nothing else alive meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ratio, rotate, spreadOf } from '../maths.js';
import { startServer } from './child.js';
import { type Answering, load, measurementOf, type Run } from './load.js';
import { withPlatform } from './platform.js';
import type { HalfMeasurement, Measurement } from './result.js';
import { TARGETS, type TargetId, targetOf, type Unit } from './targets.js';

/** What the one before has left behind settles. */
const PAUSE_MS = 700;

const NO_LOG = { SIGEC_MESSAGE_LOG: 'off' };

/** Starts who answers, lets `work` load it, stops it. */
async function withUnit<T>(
  unit: Unit,
  run: Run,
  work: (answering: () => Answering, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (unit === 'fabric' || unit === 'fabric-nolog') {
    const env = unit === 'fabric' ? {} : { env: NO_LOG };
    return withPlatform(run.options, env, run.signal, (stack, signal) =>
      work(() => ({ url: stack.url, watch: stack.watch }), signal),
    );
  }
  run.signal.throwIfAborted();
  const server = await startServer(unit);
  try {
    const watch = [{ name: unit, pid: server.pid }];
    return await work(() => ({ url: `ws://127.0.0.1:${server.port}/ocpp`, watch }), run.signal);
  } finally {
    await server.stop();
  }
}

/** One unit of one round: all that it answers. */
export async function measureUnit(
  unit: Unit,
  run: Run,
  round: number,
  told: (measurement: Measurement) => void,
): Promise<Measurement[]> {
  const targets = rotate(
    TARGETS.filter((target) => target.unit === unit),
    round,
  );
  return withUnit(unit, run, async (answering, signal) => {
    const found: Measurement[] = [];
    for (const target of targets) {
      await sleep(PAUSE_MS, undefined, { signal });
      const one = measurementOf(target.id, round, await load(target, answering(), { ...run, signal }));
      found.push(one);
      told(one);
    }
    return found;
  });
}

/** Heartbeat and transaction event at half of what the closed loop reached, as often as there are rounds. */
export async function measureHalf(
  run: Run,
  closed: readonly Measurement[],
  told: (measurement: HalfMeasurement) => void,
): Promise<HalfMeasurement[]> {
  const asked = (id: TargetId) =>
    ratio(spreadOf(closed.filter(({ target }) => target === id).map(({ rate }) => rate))?.median, 2);
  const targets = (['heartbeat', 'transaction'] as const).flatMap((id) => {
    const rate = asked(id);
    return rate === null ? [] : [{ target: targetOf(id), rate }];
  });
  const found: HalfMeasurement[] = [];
  for (let round = 0; round < run.options.rounds && targets.length > 0; round++) {
    await withUnit('fabric', run, async (answering, signal) => {
      for (const { target, rate } of rotate(targets, round)) {
        await sleep(PAUSE_MS, undefined, { signal });
        const result = await load(target, answering(), { ...run, signal }, rate);
        const { behind } = result.load;
        const one = { ...measurementOf(target.id, round, result), asked: rate, behind, ownDelay: result.sendLag.p99 };
        found.push(one);
        told(one);
      }
    });
  }
  return found;
}
