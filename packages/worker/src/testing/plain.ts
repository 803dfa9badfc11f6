/**
 * For tests: stations over plain data instead of a database. Reads what the handlers asked for and nothing else, keeps what
 * they changed, and checks every answer against the schema of its version.
 */
import { idTokenKey, type StationState, type Tariff, type TransactionState, totalsOf } from '@sigec/domain';
import { findAction, type OcppVersion } from '@sigec/ocpp';
import {
  type BootChange,
  type CallChanges,
  type CallView,
  type ConnectorChange,
  type FactKind,
  type FactRow,
  type Found,
  type LookupKey,
  type LookupKind,
  type LookupState,
  lookupKey,
  type MeterRow,
  type OutboxEvent,
  type RequestState,
  type Sample,
  type TokenView,
  tariffKey,
  tokenKey,
} from '@sigec/store';
import { Needs } from '../needs.js';
import { loadCodecs, parseCall, type Routed } from '../parse.js';
import { Unit } from '../unit.js';
import { callItem, SETTINGS } from './fixtures.js';

export const CODECS = await loadCodecs();

/** The time of all that happens in these tests: a day on which nothing else did. */
export const NOW = Date.UTC(2025, 5, 1, 12);
export const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

/** A request of station 1 that waits for its answer, as a look-up finds it. */
export function openRequest(requestId: number, action: string, more: Partial<RequestState> = {}): RequestState {
  const state = { status: 'accepted', detail: 'Accepted', parts: 0, endedAt: null } as const;
  return { id: requestId * 10, stationId: 1, action, requestId, ...state, ...more };
}

export interface Message {
  readonly version: OcppVersion;
  readonly action: string;
  readonly payload: object;
  readonly station?: number;
  /** Seconds after {@link NOW} at which it reached the edge. */
  readonly received?: number;
}

export class Plain {
  readonly stations = new Map<number, StationState>();
  /** By their lower-case value. */
  readonly tokens = new Map<string, TokenView>();
  readonly transactions = new Map<number, TransactionState>();
  /** Each by itself, with its place. */
  readonly samples: (Omit<MeterRow, 'samples'> & { [K in keyof Sample]: Sample[K] | null })[] = [];
  readonly events: OutboxEvent[] = [];
  readonly boots: BootChange[] = [];
  readonly connectors = new Map<string, ConnectorChange>();
  /** Rows of the families, in the order in which they were written. */
  readonly facts: { [K in FactKind]?: FactRow<K>[] } = {};
  readonly #tariffs = new Map<string, Tariff>();
  readonly #found = new Map<LookupKind, Map<string, unknown>>();
  #nextId = 100;

  constructor(...stationIds: number[]) {
    for (const id of stationIds.length > 0 ? stationIds : [1])
      this.stations.set(id, {
        id,
        tenantId: 1,
        identity: `CP${id}`,
        epoch: 1,
        registration: 'accepted',
        blocked: false,
        leniency: {},
      });
  }

  token(value: string, state: Partial<TokenView> = {}): this {
    const nobody = { groupId: null, userId: null, expiresAt: null, maxConcurrent: null, limits: null };
    const nowhere = { site: null, outlets: null, running: null };
    this.tokens.set(idTokenKey(value), { value, status: 'active', ...nobody, ...nowhere, ...state });
    return this;
  }

  /** Assigns a tariff to an EVSE, 0: to the whole station. */
  assign(tariff: Tariff, stationId = 1, evseId = 0): this {
    this.#tariffs.set(tariffKey(stationId, evseId), tariff);
    return this;
  }

  /** Makes a look-up find something. What the handlers write does not come back by itself. */
  know<K extends LookupKind>(kind: K, key: LookupKey<K>, state: LookupState<K>): this {
    const kinds = this.#found.get(kind) ?? new Map<string, unknown>();
    this.#found.set(kind, kinds.set(lookupKey(kind, key), state));
    return this;
  }

  /** Handles one message; its answer. */
  say(version: OcppVersion, action: string, payload: object, more: Partial<Message> = {}): Record<string, unknown> {
    return this.batch({ version, action, payload, ...more })[0] as Record<string, unknown>;
  }

  /** Handles messages in one unit of work; their answers. */
  batch(...messages: Message[]): Record<string, unknown>[] {
    const routed = messages.map((message) => route(message));
    const needs = new Needs();
    for (const { call, handler } of routed) {
      needs.stationIds.push(call.stationId);
      if (handler.kind === 'durable') handler.needs?.(call, needs);
    }
    const unit = new Unit(this.#view(needs), SETTINGS, NOW);
    const answerTo = ({ call, handler }: Routed) => {
      const answer = handler.kind === 'durable' ? handler.handle(call, unit) : handler.answer(call, SETTINGS, NOW);
      // As it travels: what JSON leaves out is no field.
      const sent: unknown = JSON.parse(JSON.stringify(answer));
      if (findAction(call.version, call.action)?.hasResponse === false) return sent as Record<string, unknown>;
      const verdict = CODECS[call.version].validateResponse(call.action, sent, { strict: true });
      if (!verdict.ok) throw new Error(`${call.version} ${call.action}: ${verdict.description}`);
      return sent as Record<string, unknown>;
    };
    // What was changed before a refusal would be committed with the rest of the batch: so it is here.
    try {
      return routed.map(answerTo);
    } finally {
      this.#take(unit.changes());
    }
  }

  #take(changes: CallChanges): void {
    for (const { now } of changes.transactions) this.transactions.set(now.id, now);
    for (const change of changes.connectors)
      this.connectors.set(`${change.stationId}/${change.evseId}/${change.connectorId}`, change);
    for (const { samples, ...place } of changes.meterValues) {
      const unknown = { phase: null, context: null, location: null, unit: null, value: null, raw: null };
      const known = (sample: Sample) => Object.fromEntries(Object.entries(sample).filter(([, v]) => v !== undefined));
      for (const sample of samples)
        this.samples.push({ ...place, ...unknown, measurand: sample.measurand, ...known(sample) });
    }
    this.events.push(...changes.events);
    this.boots.push(...changes.boots);
    const facts = this.facts as Record<string, readonly unknown[]>;
    for (const [kind, rows] of Object.entries(changes.facts)) facts[kind] = [...(facts[kind] ?? []), ...rows];
  }

  /** The one transaction there is. */
  get only(): TransactionState {
    if (this.transactions.size !== 1) throw new Error(`${this.transactions.size} transactions`);
    return [...this.transactions.values()][0] as TransactionState;
  }

  /** Wh of the one transaction there is. */
  get energy(): number {
    return totalsOf(this.only).energyMWh / 1000;
  }

  /** A limited token, with what runs on it here. */
  #seen(token: TokenView): TokenView {
    if (token.maxConcurrent === null) return token;
    const key = idTokenKey(token.value);
    const on = [...this.transactions.values()].filter(
      ({ endedAt, idToken }) => endedAt === null && idToken !== null && idTokenKey(idToken) === key,
    );
    const running = on.map(({ id, stationId, evseId, connectorId }) => ({ id, stationId, evseId, connectorId }));
    return { ...token, running };
  }

  #view(needs: Needs): CallView {
    const all = [...this.transactions.values()];
    const byId = (stationId: number, id: string | null) =>
      all.filter((t) => t.stationId === stationId && t.ocppTransactionId === id);
    const byKey = (stationId: number, key: string | null) =>
      all.filter((t) => t.stationId === stationId && key !== null && t.startKey === key);
    return {
      stations: new Map([...this.stations].filter(([id]) => needs.stationIds.includes(id))),
      transactions: [
        ...new Set([
          ...needs.transactions.flatMap((n) => byId(n.stationId, n.ocppTransactionId)),
          ...needs.startKeys.flatMap((n) => byKey(n.stationId, n.key)),
          ...all.filter((t) => t.endedAt === null && needs.activeOf.includes(t.stationId)),
        ]),
      ],
      idTokens: new Map(
        needs.idTokens.flatMap(({ stationId, key }) => {
          const token = this.tokens.get(key);
          return token === undefined ? [] : [[tokenKey(stationId, key), this.#seen(token)] as const];
        }),
      ),
      newTransactionIds: needs.newTransactions
        .filter(
          (n) => byId(n.stationId, n.ocppTransactionId).length === 0 && byKey(n.stationId, n.startKey).length === 0,
        )
        .map(() => ++this.#nextId),
      tariffs: this.#tariffs,
      found: Object.fromEntries(
        Object.entries(needs.looks).map(([kind, keys]) => {
          const known = this.#found.get(kind as LookupKind);
          const wanted = keys.map((key) => lookupKey(kind as LookupKind, key as never));
          return [kind, new Map([...(known ?? [])].filter(([key]) => wanted.includes(key)))];
        }),
      ) as Found,
    };
  }
}

function route({ version, action, payload, station = 1, received = 0 }: Message): Routed {
  const parsed = parseCall(CODECS, callItem(version, action, payload, { station, at: NOW + received * 1000 }));
  if (!parsed.ok) throw new Error(`${action} refused: ${parsed.refusal.description}`);
  return parsed.routed;
}
