/** Chargers that go on charging through whatever happens to the product, and what must be true of them afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { Charger } from './charger.js';
import { VERSIONS, type Version } from './dialect.js';
import type { CreatedDevice } from './rest.js';
import { endpoint, register, type System, validToken } from './system.js';

/** Wh between two samples. */
export const STEP_WH = 107;
/** Centavos at 75 a kWh, half up. */
const costOf = (wh: number): number => Math.floor((wh * 75 + 500) / 1000);

export class Busy {
  #going = true;
  #samples = 0;
  #gapMs = 0;
  readonly #work: Promise<void>;

  private constructor(
    readonly charger: Charger,
    readonly device: CreatedDevice,
    readonly tag: string,
    pauseMs: number,
  ) {
    this.#work = (async () => {
      let last = performance.now();
      while (this.#going) {
        await charger.meter((this.#samples + 1) * STEP_WH);
        this.#samples++;
        const now = performance.now();
        this.#gapMs = Math.max(this.#gapMs, now - last);
        last = now;
        await sleep(pauseMs);
      }
    })();
    this.#work.catch(() => undefined);
  }

  /** Connects, boots, starts a session at 0 Wh and samples until it is ended. It comes back when its socket is lost. */
  static async start(system: System, version: Version, edge: number, pauseMs = 50): Promise<Busy> {
    const device = await register(system);
    const tag = await validToken(system);
    const charger = await Charger.connect(endpoint(system, edge), device.credentials, version, {
      reconnect: true,
      callTimeoutMs: 40_000,
    });
    await charger.settle();
    await charger.start(tag, 0);
    return new Busy(charger, device, tag, pauseMs);
  }

  /** One of each version; on different edges where there are. */
  static startEach(system: System, edge?: number): Promise<Busy[]> {
    return Promise.all(VERSIONS.map((version, n) => Busy.start(system, version, edge ?? n)));
  }

  /** Samples that were answered. */
  get samples(): number {
    return this.#samples;
  }

  /** The longest it waited from one answer to the next, ms. */
  get gapMs(): number {
    return this.#gapMs;
  }

  /** Resolves when it was answered so many samples more. */
  async further(count: number): Promise<void> {
    const wanted = this.#samples + count;
    while (this.#samples < wanted) {
      await Promise.race([this.#work, sleep(20)]);
      if (!this.#going) throw new Error('it was ended');
    }
  }

  /** Ends the session, and holds what stands in REST against what was acknowledged. */
  async endExactly({ rest }: System): Promise<void> {
    this.#going = false;
    await this.#work;
    const wh = this.#samples * STEP_WH + 13;
    await this.charger.stop(wh);
    const cost = { amount_minor: costOf(wh), currency: 'BRL' };
    expect(await rest.history(this.device.id)).toMatchObject([
      {
        id_token: this.tag,
        meter_start_wh: 0,
        meter_stop_wh: wh,
        energy_wh: wh,
        cost,
        stop_reason: 'Local',
        flags: [],
        end_time: expect.any(String),
      },
    ]);
    expect(this.charger.violations).toEqual([]);
    await this.charger.close();
  }
}
