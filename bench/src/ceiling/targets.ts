/** The room of what is compared: each target with its frame, and the echo that it is measured against. */

export type Unit = 'echo' | 'fabric' | 'fabric-nolog' | 'ocpp-rpc' | 'ocpp-ws-io';

export interface Target {
  readonly id: TargetId;
  readonly title: string;
  /** Scenario of the harness. */
  readonly scenario: 'heartbeat' | 'meter';
  /** Who answers. */
  readonly unit: Unit;
  readonly base: TargetId;
}

export type TargetId =
  | 'echo-heartbeat'
  | 'echo-transaction'
  | 'heartbeat'
  | 'heartbeat-nolog'
  | 'transaction'
  | 'transaction-nolog'
  | 'ocpp-rpc-heartbeat'
  | 'ocpp-rpc-transaction'
  | 'ocpp-ws-io-heartbeat'
  | 'ocpp-ws-io-transaction';

const HEARTBEAT = { scenario: 'heartbeat', base: 'echo-heartbeat' } as const;
const TRANSACTION = { scenario: 'meter', base: 'echo-transaction' } as const;

export const TARGETS: readonly Target[] = [
  { id: 'echo-heartbeat', title: 'bare uWS echo, heartbeat', unit: 'echo', ...HEARTBEAT },
  { id: 'heartbeat', title: 'heartbeat: edge, NATS, worker', unit: 'fabric', ...HEARTBEAT },
  { id: 'heartbeat-nolog', title: 'heartbeat, message log off', unit: 'fabric-nolog', ...HEARTBEAT },
  { id: 'ocpp-rpc-heartbeat', title: 'ocpp-rpc, heartbeat from memory', unit: 'ocpp-rpc', ...HEARTBEAT },
  { id: 'ocpp-ws-io-heartbeat', title: 'ocpp-ws-io, heartbeat from memory', unit: 'ocpp-ws-io', ...HEARTBEAT },
  { id: 'echo-transaction', title: 'bare uWS echo, transaction event', unit: 'echo', ...TRANSACTION },
  { id: 'transaction', title: 'transaction event, answered after its commit', unit: 'fabric', ...TRANSACTION },
  { id: 'transaction-nolog', title: 'transaction event, message log off', unit: 'fabric-nolog', ...TRANSACTION },
  { id: 'ocpp-rpc-transaction', title: 'ocpp-rpc, transaction event from memory', unit: 'ocpp-rpc', ...TRANSACTION },
  {
    id: 'ocpp-ws-io-transaction',
    title: 'ocpp-ws-io, transaction event from memory',
    unit: 'ocpp-ws-io',
    ...TRANSACTION,
  },
];

/** From this share of its loop on, the client is what limits the rate. */
export const SATURATED = 0.95;

export function targetOf(id: TargetId): Target {
  return TARGETS.find((target) => target.id === id)!;
}
