/**
 * The room of transactions: starting, the flow of energy, samples, stopping, and what else decides whether an EVSE may
 * be used (availability, reservation, reset). The words on the wire are the version's own file's.
 */
import type { Charge, ConnectorStatus, Evse, Flow, IdToken, Reservation } from './evse.js';
import { limitExternally } from './limits.js';
import { toToken } from './options.js';
import { type Place, Profiles } from './profiles.js';
import { StationCore } from './station.js';
import type { EvseSnapshot, StartRequest, StationSnapshot, StopReason, TransactionInfo } from './types.js';

/** A request the station cannot follow in its present state. */
export class StationError extends Error {
  override readonly name = 'StationError';
}

/** The context of a sample (ReadingContext of every version). */
export type SampleContext = 'Sample.Periodic' | 'Trigger' | 'Transaction.Begin' | 'Transaction.End';

/** What a remote start brings with it. */
export interface RemoteStart extends StartRequest {
  remote?: boolean;
  remoteStartId?: number | undefined;
}

const TICK_MS = 200;
/** No sample more often than this in real time, whatever the speed. */
const FASTEST_SAMPLE_MS = 20;
const SOFT_RESET_FLUSH_MS = 2000;

export abstract class ChargingStation extends StationCore {
  readonly profiles = new Profiles();
  /** The setting that holds the simulated seconds between samples, and the one that ends refused transactions. */
  protected abstract readonly sampleSetting: string;
  protected abstract readonly stopRefusedSetting: string;
  #resetWhenIdle: { reason: StopReason; boot: string } | null = null;
  #stopTick: (() => void) | null = null;

  /** A fresh transaction id, or placeholder. */
  protected abstract newRef(): string;
  protected abstract sendStart(evse: Evse, charge: Charge): void;
  protected abstract sendFlow(evse: Evse, charge: Charge, before: Flow | null): void;
  protected abstract sendSample(evse: Evse, charge: Charge, context: SampleContext): void;
  protected abstract sendStop(evse: Evse, charge: Charge, reason: StopReason): void;

  startTransaction(request: RemoteStart = {}): TransactionInfo {
    if (this.isClosed) throw new StationError('station closed');
    const evse = this.evse(request.evse ?? 1);
    const token = request.idToken === undefined ? this.o.token : toToken(request.idToken, this.o.version);
    const hindrance = this.hindrance(evse, token);
    if (hindrance !== null) throw new StationError(`evse ${evse.id}: ${hindrance}`);
    const now = this.clock.now();
    const storedWh = (this.o.curve.batteryWh * this.o.socStart) / 100;
    const charge: Charge = {
      ref: this.newRef(),
      csmsId: null,
      token,
      remoteStartId: request.remoteStartId,
      remote: request.remote ?? false,
      reservationId: this.#useReservation(evse),
      startedMs: now,
      meterStartWh: evse.meter.registerWh,
      seqNo: 0,
      flow: null,
      storedWh,
      powerW: 0,
      priority: false,
      baseWh: evse.meter.exactWh,
      baseStoredWh: storedWh,
      integratedMs: now,
      stopSampling: () => {},
    };
    evse.charge = charge;
    if (evse.status !== 'Occupied') void this.changeStatus(evse, 'Preparing');
    this.sendStart(evse, charge);
    this.emit('started', this.info(evse, charge, null));
    this.integrate(evse);
    if (request.auto !== false) charge.stopSampling = this.#sampleRegularly(evse, charge);
    this.#stopTick ??= this.timers.every(
      () => TICK_MS,
      () => this.#tick(),
    );
    return this.info(evse, charge, null);
  }

  stopTransaction(evseId = 1, reason: StopReason = 'Local'): TransactionInfo {
    const evse = this.evse(evseId);
    this.integrate(evse);
    const charge = evse.charge;
    if (charge === null) throw new StationError(`evse ${evseId}: no transaction`);
    charge.stopSampling();
    charge.powerW = 0;
    this.sendStop(evse, charge, reason);
    const info = this.info(evse, charge, reason);
    evse.charge = null;
    void this.changeStatus(evse, 'Finishing');
    if (evse.scheduled !== null) evse.operative = evse.scheduled;
    evse.scheduled = null;
    void this.changeStatus(evse, evse.restingStatus);
    this.profiles.clear((p) => p.purpose === 'TxProfile' && p.evseId === evse.id);
    this.emit('stopped', info);
    if (!this.isCharging) this.#idle();
    return info;
  }

  meter(evseId = 1): void {
    this.sampleNow(this.evse(evseId), 'Sample.Periodic');
  }

  sampleNow(evse: Evse, context: SampleContext): void {
    this.integrate(evse);
    if (evse.charge === null) throw new StationError(`evse ${evse.id}: no transaction`);
    this.sendSample(evse, evse.charge, context);
  }

  limit(watts: number | null, evseId = 0, source = 'EMS'): void {
    limitExternally(this, watts, evseId, source);
  }

  prioritise(evseId: number, active: boolean): void {
    const evse = this.evse(evseId);
    if (evse.charge === null) throw new StationError(`evse ${evseId}: no transaction`);
    this.integrate(evse);
    evse.charge.priority = active;
    this.integrate(evse);
    if (this.o.version !== '2.1') return;
    const payload = { transactionId: evse.charge.ref, activated: active };
    this.background(() => this.send('NotifyPriorityCharging', payload));
  }

  get isCharging(): boolean {
    return this.evses.some((evse) => evse.charge !== null);
  }

  /** Why a token cannot start on an EVSE, or null when it can. */
  hindrance(evse: Evse, token: IdToken): 'occupied' | 'unavailable' | 'reserved' | null {
    if (evse.charge !== null) return 'occupied';
    if (!evse.operative || evse.status === 'Unavailable' || evse.status === 'Faulted') return 'unavailable';
    const held = evse.reservation;
    if (held === null) return null;
    if (held.idToken.toLowerCase() === token.idToken.toLowerCase()) return null;
    // Whoever is of the group that it was reserved for may use it (1.6 5.13, 2.x H03).
    return held.groupId !== undefined && held.groupId.toLowerCase() === this.tokens.groupOf(token.idToken)
      ? null
      : 'reserved';
  }

  /** The first EVSE the token may use, preferring the one reserved for it. */
  freeEvse(token: IdToken): Evse | undefined {
    const free = this.evses.filter((evse) => this.hindrance(evse, token) === null);
    return free.find((evse) => evse.reservation !== null) ?? free[0];
  }

  /** Lets the energy flow up to now, and tells a change between charging and pausing. */
  integrate(evse: Evse): void {
    const { charge } = evse;
    const now = this.clock.now();
    const flow = evse.integrate(now, this.o.curve, this.o.speed, this.profiles.limitW(this.place(evse), now));
    if (charge === null || flow === null || flow === charge.flow) return;
    const before = charge.flow;
    charge.flow = flow;
    void this.changeStatus(evse, flow);
    this.sendFlow(evse, charge, before);
  }

  /** State of charge in percent. */
  soc(charge: Charge): number {
    return Math.min(100, (charge.storedWh / this.o.curve.batteryWh) * 100);
  }

  place(evse: Evse | null): Place {
    const charge = evse?.charge ?? null;
    const id = charge?.csmsId ?? charge?.ref;
    return {
      evseId: evse?.id ?? 0,
      transactionId: id === undefined ? undefined : String(id),
      startedMs: charge?.startedMs,
      priority: charge?.priority ?? false,
    };
  }

  /** Whether the EVSE is already as asked, or will be once its transaction has ended. */
  setOperative(evses: readonly Evse[], operative: boolean): 'Accepted' | 'Scheduled' {
    let answer: 'Accepted' | 'Scheduled' = 'Accepted';
    for (const evse of evses) {
      if (evse.charge !== null && evse.operative !== operative) {
        evse.scheduled = operative;
        answer = 'Scheduled';
        continue;
      }
      evse.scheduled = null;
      evse.operative = operative;
      if (!operative) this.#dropReservation(evse);
      if (evse.charge === null) evse.status = evse.restingStatus;
    }
    return answer;
  }

  /** Holds an EVSE for a token until `expiresMs`; a reservation of the same id is replaced. */
  reserve(evse: Evse, r: Omit<Reservation, 'cancelExpiry'>, expiresMs: number, expired: () => void): void {
    this.unreserve(r.id);
    const cancelExpiry = this.timers.after(expiresMs - Date.now(), () => {
      if (this.unreserve(r.id) !== null) expired();
    });
    evse.reservation = { ...r, cancelExpiry };
    void this.changeStatus(evse, evse.restingStatus);
  }

  /** Gives a reservation up; null when there is none of that id. */
  unreserve(id: number): Evse | null {
    const evse = this.evses.find((candidate) => candidate.reservation?.id === id);
    if (evse === undefined) return null;
    evse.reservation?.cancelExpiry();
    evse.reservation = null;
    if (evse.charge === null) void this.changeStatus(evse, evse.restingStatus);
    return evse;
  }

  /** An EVSE that cannot be used holds nothing for anybody (2.x H01.FR.12). */
  override changeStatus(evse: Evse, status: ConnectorStatus): Promise<void> {
    if (status === 'Faulted' || status === 'Unavailable') this.#dropReservation(evse);
    return super.changeStatus(evse, status);
  }

  /** Told of a reservation that ended before its time and without its driver; 1.6 has no word for it. */
  protected reservationRemoved(_id: number): void {}

  #dropReservation(evse: Evse): void {
    const held = this.#useReservation(evse);
    if (held !== undefined) this.reservationRemoved(held);
  }

  /** Ends every transaction for the reason, then reboots; a soft reset lets the messages out first. */
  reset(reason: StopReason, boot: string): void {
    this.#resetWhenIdle = null;
    this.stopAll(reason);
    this.background(async () => {
      if (reason !== 'HardReset' && this.isOnline) await this.flush(SOFT_RESET_FLUSH_MS);
      this.reboot(boot);
    });
  }

  /** Resets once nothing charges any more (2.x OnIdle). */
  resetWhenIdle(reason: StopReason, boot: string): void {
    this.#resetWhenIdle = { reason, boot };
    if (!this.isCharging) this.#idle();
  }

  stopAll(reason: StopReason): void {
    for (const evse of this.evses) if (evse.charge !== null) this.stopTransaction(evse.id, reason);
  }

  /** The CSMS did not accept the token of a transaction that already runs. */
  protected refuse(evse: Evse, charge: Charge, status: string): void {
    this.emit('problem', `idToken: ${status}`);
    if (evse.charge !== charge || !this.settings.boolean(this.stopRefusedSetting)) return;
    this.stopTransaction(evse.id, 'DeAuthorized');
  }

  info(evse: Evse, charge: Charge, reason: StopReason | null): TransactionInfo {
    return {
      transactionId: String(charge.csmsId ?? charge.ref),
      evse: evse.id,
      idToken: charge.token.idToken,
      remote: charge.remote,
      startedAt: new Date(charge.startedMs).toISOString(),
      meterStartWh: charge.meterStartWh,
      meterWh: evse.meter.registerWh,
      energyWh: evse.meter.registerWh - charge.meterStartWh,
      reason,
    };
  }

  snapshot(): StationSnapshot {
    return {
      identity: this.o.identity,
      version: this.o.version,
      online: this.link.isOpen,
      registration: this.registration,
      kept: this.link.keptCount,
      evses: this.evses.map(
        (evse): EvseSnapshot => ({
          evse: evse.id,
          status: evse.status,
          powerW: Math.round(evse.charge?.powerW ?? 0),
          meterWh: evse.meter.registerWh,
          soc: evse.charge === null ? null : this.soc(evse.charge),
          transaction: evse.charge === null ? null : this.info(evse, evse.charge, null),
        }),
      ),
    };
  }

  #useReservation(evse: Evse): number | undefined {
    const held = evse.reservation;
    held?.cancelExpiry();
    evse.reservation = null;
    return held?.id;
  }

  #sampleRegularly(evse: Evse, charge: Charge): () => void {
    return this.timers.every(
      () => {
        const seconds = this.settings.integer(this.sampleSetting);
        return seconds > 0 ? Math.max(FASTEST_SAMPLE_MS, (seconds * 1000) / this.o.speed) : 0;
      },
      () => {
        if (evse.charge === charge) this.sampleNow(evse, 'Sample.Periodic');
      },
    );
  }

  #tick(): void {
    for (const evse of this.evses) this.integrate(evse);
    this.emit('tick');
  }

  #idle(): void {
    this.#stopTick?.();
    this.#stopTick = null;
    const pending = this.#resetWhenIdle;
    if (pending !== null) this.reset(pending.reason, pending.boot);
  }
}
