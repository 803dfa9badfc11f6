/** How much of what a session took, by the bands of its tariff: energy, time of charging, time of standing idle. */
import { energyOf, type RegisterState } from '../meter.js';
import { slotAt } from './slots.js';
import type { Tariff } from './tariff.js';
import type { Flow, Usage } from './usage.js';

/** What is billed by, as far as a transaction has it. */
export interface Session {
  /** ms since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly register: RegisterState & { readonly usage?: Usage };
}

/** By the number of the band; the last is what no band holds. */
export interface Spent {
  readonly energyMWh: readonly number[];
  readonly chargingMs: readonly number[];
  /** After the grace. */
  readonly idleMs: readonly number[];
  /** Idle time that costs nothing. */
  readonly graceMs: number;
}

/** Longer than a month is a clock that was set, and no session: its time is not billed. */
export const MAX_TIME_MS = 31 * 86_400_000;
/** A session that reaches over more slots is spread over these. */
const MAX_STEPS = 2_000;

export function spentIn(session: Session, tariff: Tariff): Spent {
  const size = (tariff.bands?.length ?? 0) + 1;
  const time = new Clock(tariff, size);
  for (const [from, to, flow] of stretches(session)) time.add(from, to, flow);
  const { chargingMs, idleMs, graceMs } = time;
  return { energyMWh: energyByBand(session, tariff, size), chargingMs, idleMs, graceMs };
}

type Point = readonly [at: number, mWh: number];

/**
 * The register's total, shared out by what was read when; between two readings energy flowed evenly. The shares are whole
 * mWh and make up the total, whatever the readings are.
 */
function energyByBand({ register }: Session, tariff: Tariff, size: number): number[] {
  const shares = Array.from({ length: size }, () => 0);
  const { startMWh, energyMWh } = energyOf(register);
  const points = register.usage?.slots.flatMap(([, ...s]): Point[] => [
    [s[0], s[1]],
    [s[2], s[3]],
  ]);
  const give = (band: number, mWh: number) => {
    shares[band] = (shares[band] ?? 0) + mWh;
  };
  const [first] = points ?? [];
  if (startMWh === null || points === undefined || first === undefined) {
    give(size - 1, energyMWh);
    return shares;
  }
  // What is below the session's start or above its end is not of it, and a register that went back did not.
  const heightOf = (mWh: number, least: number) => Math.max(least, Math.min(mWh - startMWh, energyMWh));
  let at = first[0];
  let height = heightOf(first[1], 0);
  give(slotAt(tariff, at).band, height);
  for (const [nextAt, mWh] of points) {
    const next = heightOf(mWh, height);
    if (next > height) spread(tariff, at, nextAt, next - height, give);
    at = nextAt;
    height = next;
  }
  const last = register.last?.at ?? at;
  if (energyMWh > height) spread(tariff, at, Math.max(at, last), energyMWh - height, give);
  return shares;
}

/** Shares energy out over the time in which it flowed. */
function spread(tariff: Tariff, from: number, to: number, mWh: number, give: (band: number, mWh: number) => void) {
  let given = 0;
  let slot = slotAt(tariff, from);
  for (let step = 0; slot.to < to && step < MAX_STEPS; step++) {
    const until = Math.floor(mWh * ((slot.to - from) / (to - from)));
    give(slot.band, until - given);
    given = until;
    slot = slotAt(tariff, slot.to);
  }
  give(slot.band, mWh - given);
}

type Stretch = readonly [from: number, to: number, flow: Flow];

/** What has been heard of a session last: it is known until then. */
export function heardAt({ startedAt, register }: Session): number {
  return Math.max(startedAt, register.last?.at ?? startedAt, register.usage?.points.at(-1)?.[0] ?? startedAt);
}

/**
 * The session's time as it counts. Where the charger says nothing of the flow, energy that is drawn does; whatever it says,
 * charging ended with the last energy, and idle time needs energy before it.
 */
function* stretches(session: Session): Generator<Stretch> {
  const { startedAt, endedAt, register } = session;
  const end = endedAt ?? heardAt(session);
  if (end - startedAt > MAX_TIME_MS) return;
  const points = register.usage?.points ?? [];
  const flowedAt = flowBegan(session);
  const ceasedAt = flowEnded(session);
  const told = points.map(([at, flow]) => [at, flow] as const);
  if (drewBefore(session, told[0]?.[0])) told.unshift([startedAt, 'charging']);
  for (const [i, [at, flow]] of told.entries()) {
    const from = Math.max(at, startedAt);
    const to = Math.min(told[i + 1]?.[0] ?? end, end);
    if (flow === 'charging') {
      yield [from, Math.min(to, ceasedAt), 'charging'];
      yield [Math.max(from, ceasedAt), to, 'idle'];
    } else if (flow === 'idle') yield [Math.max(from, flowedAt), to, 'idle'];
  }
}

/** Whether energy was drawn before the charger first spoke of the flow; taken for granted where it never did. */
function drewBefore({ register }: Session, firstTold: number | undefined): boolean {
  if (firstTold === undefined) return true;
  return energyOf(register).energyMWh > 0 && register.second !== null && register.second.at <= firstTold;
}

/** The earliest that the charger said it charges, or its meter showed it. */
function flowBegan({ register, startedAt }: Session): number {
  const points = register.usage?.points ?? [];
  const said = points.find(([, flow]) => flow === 'charging')?.[0] ?? Number.POSITIVE_INFINITY;
  const shown = energyOf(register).energyMWh > 0 ? (register.second?.at ?? startedAt) : Number.POSITIVE_INFINITY;
  return Math.min(said, shown);
}

/**
 * When the meter showed the last energy, where it was read again afterwards and had not moved. A height that is not the
 * session's end tells nothing.
 */
function flowEnded({ register }: Session): number {
  const peak = register.usage?.peak ?? null;
  const { energyMWh, stopMWh } = energyOf(register);
  const known = peak !== null && energyMWh > 0 && peak.mWh === stopMWh && (register.last?.at ?? 0) > peak.at;
  return known ? peak.at : Number.POSITIVE_INFINITY;
}

/** Adds up time by bands, and gives the grace to the first idle time. */
class Clock {
  readonly chargingMs: number[];
  readonly idleMs: number[];
  graceMs = 0;
  readonly #tariff: Tariff;
  readonly #grace: number;

  constructor(tariff: Tariff, size: number) {
    this.#tariff = tariff;
    this.#grace = (tariff.idle?.graceMinutes ?? 0) * 60_000;
    this.chargingMs = Array.from({ length: size }, () => 0);
    this.idleMs = [...this.chargingMs];
  }

  add(from: number, to: number, flow: Flow): void {
    if (to <= from) return;
    if (flow === 'charging') this.#count(this.chargingMs, from, to);
    if (flow !== 'idle') return;
    const free = Math.min(to - from, this.#grace - this.graceMs);
    this.graceMs += free;
    this.#count(this.idleMs, from + free, to);
  }

  #count(sums: number[], from: number, to: number): void {
    let at = from;
    while (at < to) {
      const { band, to: until } = slotAt(this.#tariff, at);
      const next = Math.min(until, to);
      const index = Math.min(band, sums.length - 1);
      sums[index] = (sums[index] ?? 0) + (next - at);
      at = next;
    }
  }
}
