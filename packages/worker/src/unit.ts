/** The unit of work of one batch: what was read, and what the handlers changed of it, each seeing the others' changes. */
import {
  idTokenKey,
  type RunningOn,
  type StationState,
  type Tariff,
  type TransactionState,
  totalsOf,
} from '@sigec/domain';
import {
  type BootChange,
  type CallChanges,
  type CallView,
  type ConnectorChange,
  type FactKind,
  type FactRow,
  type LookupKey,
  type LookupKind,
  type LookupState,
  lookupKey,
  type MeterRow,
  type OutboxEvent,
  type TokenView,
  tariffKey,
  tokenKey,
} from '@sigec/store';
import type { WorkerSettings } from './settings.js';

/**
 * Energy is told as it passes whole kWh: how often that is follows from what flows, whatever interval a charger samples in,
 * and most meter values write no event.
 */
const registerKWh = ({ register: { last } }: TransactionState): number => Math.floor((last?.mWh ?? 0) / 1_000_000);

/** What is told of a transaction: whose it is and how it stands, so that whoever is told needs not ask. */
function toldOf(transaction: TransactionState): Readonly<Record<string, unknown>> {
  const { id, stationId, userId, evseId, connectorId, status, stopReason, tariff } = transaction;
  const { energyMWh, costMinor } = totalsOf(transaction);
  return {
    ...{ transaction_id: String(id), device_id: String(stationId), user_id: userId },
    ...{ evse_id: evseId, connector_id: connectorId, status, stop_reason: stopReason },
    energy_wh: energyMWh / 1000,
    cost: { amount_minor: costMinor, currency: tariff.currency },
  };
}

export class Unit {
  readonly #view: CallView;
  readonly #byId = new Map<number, TransactionState>();
  readonly #byOcppId = new Map<string, number>();
  readonly #byStartKey = new Map<string, number>();
  readonly #byStation = new Map<number, Set<number>>();
  /** By id: as each was read, null where it is new. */
  readonly #changed = new Map<number, TransactionState | null>();
  readonly #boots = new Map<number, BootChange>();
  readonly #connectors = new Map<string, ConnectorChange>();
  readonly #meterValues: MeterRow[] = [];
  readonly #events: OutboxEvent[] = [];
  readonly #facts: { [K in FactKind]?: FactRow<K>[] } = {};
  /** What the batch itself changed of what was looked up, by kind and key. */
  readonly #known = new Map<string, unknown>();
  #nextId = 0;
  #writes = 0;

  constructor(
    view: CallView,
    readonly settings: WorkerSettings,
    /** ms since 1970; one time for the whole batch. */
    readonly now: number,
  ) {
    this.#view = view;
    for (const transaction of view.transactions) this.#index(transaction);
  }

  /** How often anything was changed, told or added so far. */
  get writes(): number {
    return this.#writes;
  }

  station(stationId: number): StationState {
    const station = this.#view.stations.get(stationId);
    if (station === undefined) throw new Error('station was not read');
    return station;
  }

  idToken(stationId: number, value: string): TokenView | undefined {
    return this.#view.idTokens.get(tokenKey(stationId, idTokenKey(value)));
  }

  /** What runs on a token that may not run any number of times, after what this batch did before. */
  runningOn(token: TokenView): RunningOn[] {
    if (token.running === null && token.maxConcurrent === null) return [];
    const running = (token.running ?? []).filter(({ id }) => (this.#byId.get(id)?.endedAt ?? null) === null);
    const key = idTokenKey(token.value);
    for (const id of this.#changed.keys()) {
      const { idToken, endedAt, stationId, evseId, connectorId } = this.#byId.get(id) as TransactionState;
      if (endedAt !== null || idToken === null || idTokenKey(idToken) !== key) continue;
      if (!running.some((known) => known.id === id)) running.push({ id, stationId, evseId, connectorId });
    }
    return running;
  }

  transaction(stationId: number, ocppTransactionId: string): TransactionState | undefined {
    return this.#get(this.#byOcppId.get(`${stationId}/${ocppTransactionId}`));
  }

  transactionByStartKey(stationId: number, key: string): TransactionState | undefined {
    return this.#get(this.#byStartKey.get(`${stationId}/${key}`));
  }

  /** The running transactions of a station, oldest first. */
  activeTransactions(stationId: number): TransactionState[] {
    return [...(this.#byStation.get(stationId) ?? [])]
      .map((id) => this.#byId.get(id) as TransactionState)
      .filter((transaction) => transaction.endedAt === null)
      .sort((a, b) => a.id - b.id);
  }

  /** What a session that begins there costs: the EVSE's own tariff, else that of the station, else the built-in one. */
  tariffAt(stationId: number, evseId: number): Tariff {
    const { tariffs } = this.#view;
    const own = tariffs.get(tariffKey(stationId, evseId)) ?? tariffs.get(tariffKey(stationId, 0));
    return own ?? this.settings.tariff;
  }

  /** A fresh transaction number, out of those that {@link Needs.newTransaction} asked for. */
  takeTransactionId(): number {
    const id = this.#view.newTransactionIds[this.#nextId++];
    if (id === undefined) throw new Error('more new transactions than asked for');
    return id;
  }

  putTransaction(transaction: TransactionState): void {
    const before = this.#byId.get(transaction.id);
    if (before === transaction) return;
    this.#writes++;
    this.#index(transaction);
    if (!this.#changed.has(transaction.id)) this.#changed.set(transaction.id, before ?? null);
    let kind = `transaction.${transaction.endedAt === null ? transaction.status : 'ended'}`;
    if (before?.status === transaction.status && before.flags === transaction.flags) {
      if (registerKWh(before) === registerKWh(transaction)) return;
      kind = 'transaction.metered';
    }
    this.#events.push({ tenantId: transaction.tenantId, kind, payload: toldOf(transaction) });
  }

  /** @param reason 2.x: why it booted */
  putBoot(boot: BootChange, reason: string | null): void {
    this.#writes++;
    this.#boots.set(boot.stationId, boot);
    this.#events.push({
      tenantId: this.station(boot.stationId).tenantId,
      kind: 'station.booted',
      payload: { device_id: String(boot.stationId), vendor: boot.vendor, model: boot.model, reason },
    });
  }

  putConnector(change: ConnectorChange): void {
    this.#writes++;
    this.#connectors.set(`${change.stationId}/${change.evseId}/${change.connectorId}`, change);
    this.#events.push({
      tenantId: this.station(change.stationId).tenantId,
      kind: 'connector.status',
      payload: {
        device_id: String(change.stationId),
        evse_id: change.evseId,
        connector_id: change.connectorId,
        status: change.status,
        ocpp_status: change.ocppStatus,
        error_code: change.errorCode,
      },
    });
  }

  addMeterValues(rows: readonly MeterRow[]): void {
    this.#writes += rows.length;
    for (const row of rows) this.#meterValues.push(row);
  }

  /** What {@link Needs.look} asked for, as it is after what this batch did before. */
  found<K extends LookupKind>(kind: K, key: LookupKey<K>): LookupState<K> | undefined {
    const text = lookupKey(kind, key);
    const known = `${kind} ${text}`;
    if (this.#known.has(known)) return this.#known.get(known) as LookupState<K> | undefined;
    const found = this.#view.found[kind] as ReadonlyMap<string, LookupState<K>> | undefined;
    return found?.get(text);
  }

  /** Says what a look-up finds from now on; it writes nothing. */
  know<K extends LookupKind>(kind: K, key: LookupKey<K>, state: LookupState<K> | undefined): void {
    this.#known.set(`${kind} ${lookupKey(kind, key)}`, state);
  }

  /** A row to be written. */
  add<K extends FactKind>(kind: K, row: FactRow<K>): void {
    this.#writes++;
    const rows = this.#facts[kind] as FactRow<K>[] | undefined;
    if (rows === undefined) (this.#facts as Record<K, FactRow<K>[]>)[kind] = [row];
    else rows.push(row);
  }

  /** Something that changed at a station, for the event stream. */
  tell(stationId: number, kind: string, payload: Readonly<Record<string, unknown>>): void {
    this.#writes++;
    const { tenantId } = this.station(stationId);
    this.#events.push({ tenantId, kind, payload: { device_id: String(stationId), ...payload } });
  }

  changes(): CallChanges {
    return {
      boots: [...this.#boots.values()],
      connectors: [...this.#connectors.values()],
      transactions: Array.from(this.#changed, ([id, before]) => ({
        before,
        now: this.#byId.get(id) as TransactionState,
      })),
      meterValues: this.#meterValues,
      events: this.#events,
      facts: this.#facts,
    };
  }

  #get(id: number | undefined): TransactionState | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  #index(transaction: TransactionState): void {
    const { id, stationId, ocppTransactionId, startKey } = transaction;
    this.#byId.set(id, transaction);
    this.#byOcppId.set(`${stationId}/${ocppTransactionId}`, id);
    if (startKey !== null) this.#byStartKey.set(`${stationId}/${startKey}`, id);
    const ofStation = this.#byStation.get(stationId);
    if (ofStation) ofStation.add(id);
    else this.#byStation.set(stationId, new Set([id]));
  }
}
