/** What does a pure handler cost per message, with its share of the unit of work, in batches of one size? */
import { type CallItem, UPLINK } from '@sigec/contract';
import { DEFAULT_TARIFF, openTransaction, type StationState } from '@sigec/domain';
import type { OcppVersion } from '@sigec/ocpp';
import type { CallView } from '@sigec/store';
import type { WorkerSettings } from '@sigec/worker';
import type { Group, Question, Row } from '../micro/question.js';
import { HEARTBEAT, messageId, meterValues, NOW, transactionEvent } from './samples.js';
import { type Codecs, loadCodecs, Needs, parseCall, type Routed, Unit } from './worker-inside.js';

const SIZES = [1, 64];
const FIRST_STATION = 1000;
const FIRST_TRANSACTION = 50_000;

const SETTINGS: WorkerSettings = {
  heartbeatInterval: 300,
  registerUnknownIn: null,
  flap: { limit: 60, blockMs: 900_000 },
  batchMax: 256,
  parallelBatches: 2,
  messageLifetimeMs: 30_000,
  messageLog: true,
  messageLogDays: 30,
  meterSampleDays: 30,
  tariff: DEFAULT_TARIFF,
};

interface Sample {
  readonly version: OcppVersion;
  readonly action: string;
  readonly payload: (n: number) => object;
}

const STATUS = { timestamp: new Date(NOW).toISOString(), connectorStatus: 'Occupied', evseId: 1, connectorId: 1 };

/** Each for the station `FIRST_STATION + n`, in its running transaction. */
const SAMPLES: readonly Sample[] = [
  { version: 'ocpp2.0.1', action: 'Heartbeat', payload: () => HEARTBEAT },
  { version: 'ocpp2.0.1', action: 'StatusNotification', payload: () => STATUS },
  { version: 'ocpp1.6', action: 'MeterValues', payload: (n) => meterValues('ocpp1.6', FIRST_TRANSACTION + n) },
  { version: 'ocpp2.0.1', action: 'MeterValues', payload: (n) => meterValues('ocpp2.0.1', n) },
  { version: 'ocpp2.0.1', action: 'TransactionEvent', payload: (n) => transactionEvent(`${FIRST_TRANSACTION + n}`, 7) },
];

const stationOf = (n: number): StationState => ({
  id: FIRST_STATION + n,
  tenantId: 1,
  identity: `LT-${n}`,
  epoch: 1,
  registration: 'accepted',
  blocked: false,
  leniency: {},
});

/** What the store would have read: the stations, each with one running transaction. */
function viewOf(size: number, version: OcppVersion): CallView {
  const numbers = Array.from({ length: size }, (_none, n) => n);
  return {
    stations: new Map(numbers.map((n) => [FIRST_STATION + n, stationOf(n)])),
    transactions: numbers.map((n) =>
      openTransaction({
        id: FIRST_TRANSACTION + n,
        tenantId: 1,
        stationId: FIRST_STATION + n,
        evseId: 1,
        connectorId: 1,
        version,
        ocppTransactionId: String(FIRST_TRANSACTION + n),
        startedAt: NOW - 60_000,
        tariff: DEFAULT_TARIFF,
      }),
    ),
    idTokens: new Map(),
    newTransactionIds: [],
    tariffs: new Map(),
    found: {},
  };
}

function itemOf({ version, action, payload }: Sample, n: number): CallItem {
  const text = JSON.stringify(payload(n));
  const stationId = FIRST_STATION + n;
  return { kind: UPLINK.call, seq: n, stationId, epoch: 1, version, id: messageId(n), action, payload: text, at: NOW };
}

function routedOf(codecs: Codecs, item: CallItem): Routed {
  const parsed = parseCall(codecs, item);
  if (!parsed.ok) throw new Error(`${item.version} ${item.action}: ${parsed.refusal.description}`);
  return parsed.routed;
}

/** Needs, handler and changes, as one batch goes through them; parsed and validated before. */
function handling(codecs: Codecs, sample: Sample, size: number): Row {
  const work = Array.from({ length: size }, (_none, n) => routedOf(codecs, itemOf(sample, n)));
  const view = viewOf(size, sample.version);
  return {
    name: `${sample.version} ${sample.action}`,
    items: size,
    run: () => {
      const needs = new Needs();
      for (const { call, handler } of work) {
        needs.stationIds.push(call.stationId);
        if (handler.kind === 'durable') handler.needs?.(call, needs);
      }
      const unit = new Unit(view, SETTINGS, NOW);
      for (const { call, handler } of work) {
        if (handler.kind === 'durable') handler.handle(call, unit);
        else handler.answer(call, SETTINGS, NOW);
      }
      return unit.changes();
    },
  };
}

function parsing(codecs: Codecs): Group {
  const rows = SAMPLES.map((sample): Row => {
    const item = itemOf(sample, 0);
    return { name: `${sample.version} ${sample.action}`, run: () => parseCall(codecs, item) };
  });
  return { title: 'parse, validate, route', rows };
}

export const handlers: Question = {
  name: 'handlers',
  question: 'What does a pure handler cost per message, with its share of the unit of work?',
  async prepare() {
    const codecs = await loadCodecs();
    return {
      groups: [
        parsing(codecs),
        ...SIZES.map((size) => ({
          title: `needs, handler, changes: batch of ${size}`,
          rows: SAMPLES.map((sample) => handling(codecs, sample, size)),
        })),
      ],
    };
  },
};
