/** The room of what a station may say: the kinds of CALL that scenarios are made of, and their action per version. */

export const VERSIONS = ['1.6', '2.0.1', '2.1'] as const;
export type Version = (typeof VERSIONS)[number];

/** 1 is the first: 0 says "none" where a kind is kept in a number. */
export const CALL = {
  boot: 1,
  heartbeat: 2,
  available: 3,
  occupied: 4,
  authorize: 5,
  start: 6,
  meter: 7,
  stop: 8,
} as const;

export type CallKind = (typeof CALL)[keyof typeof CALL];

export const CALL_KINDS: readonly CallKind[] = Object.values(CALL);

const ACTIONS_16: Record<CallKind, string> = {
  [CALL.boot]: 'BootNotification',
  [CALL.heartbeat]: 'Heartbeat',
  [CALL.available]: 'StatusNotification',
  [CALL.occupied]: 'StatusNotification',
  [CALL.authorize]: 'Authorize',
  [CALL.start]: 'StartTransaction',
  [CALL.meter]: 'MeterValues',
  [CALL.stop]: 'StopTransaction',
};

const ACTIONS_2X: Record<CallKind, string> = {
  ...ACTIONS_16,
  [CALL.start]: 'TransactionEvent',
  [CALL.meter]: 'TransactionEvent',
  [CALL.stop]: 'TransactionEvent',
};

/** The OCPP action; the three transaction events of 2.x share theirs. */
export function actionOf(version: Version, kind: CallKind): string {
  return (version === '1.6' ? ACTIONS_16 : ACTIONS_2X)[kind];
}

const LABELS_16 = ACTIONS_16;

const LABELS_2X: Record<CallKind, string> = {
  ...ACTIONS_2X,
  [CALL.start]: 'TransactionEvent Started',
  [CALL.meter]: 'TransactionEvent Updated',
  [CALL.stop]: 'TransactionEvent Ended',
};

/** The action as results name it: the transaction events of 2.x are told apart. */
export function labelOf(version: Version, kind: CallKind): string {
  return (version === '1.6' ? LABELS_16 : LABELS_2X)[kind];
}
