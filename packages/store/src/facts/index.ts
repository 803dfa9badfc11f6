/** The table of every kind of row beside the core, a line a family. A batch writes them in this order. */
import type { Sql } from '../database.js';
import { ALARM_FACTS } from './alarms.js';
import { AUTHORISATION_FACTS, AUTHORISATION_LOOKUPS } from './authorisation.js';
import { CHARGING_FACTS, CHARGING_LOOKUPS } from './charging.js';
import { COMMANDS_FACTS, COMMANDS_LOOKUPS } from './commands.js';
import { DEVICE_MODEL_FACTS, DEVICE_MODEL_LOOKUPS } from './device-model.js';
import { ENERGY_FACTS, ENERGY_LOOKUPS } from './energy.js';
import type { Fact, Lookup } from './fact.js';
import { FIRMWARE_FACTS, FIRMWARE_LOOKUPS } from './firmware.js';
import { REQUEST_FACTS, REQUEST_LOOKUPS } from './requests.js';
import { SECURITY_FACTS, SECURITY_LOOKUPS } from './security.js';
import { WORD_FACTS } from './station-words.js';

export const FACTS = {
  ...REQUEST_FACTS,
  ...DEVICE_MODEL_FACTS,
  ...SECURITY_FACTS,
  ...CHARGING_FACTS,
  ...FIRMWARE_FACTS,
  ...ENERGY_FACTS,
  ...AUTHORISATION_FACTS,
  ...COMMANDS_FACTS,
  ...WORD_FACTS,
  // They read what the others wrote.
  ...ALARM_FACTS,
};

export const LOOKUPS = {
  ...REQUEST_LOOKUPS,
  ...DEVICE_MODEL_LOOKUPS,
  ...SECURITY_LOOKUPS,
  ...CHARGING_LOOKUPS,
  ...FIRMWARE_LOOKUPS,
  ...ENERGY_LOOKUPS,
  ...AUTHORISATION_LOOKUPS,
  ...COMMANDS_LOOKUPS,
};

export type FactKind = keyof typeof FACTS;
export type FactRow<K extends FactKind> = (typeof FACTS)[K] extends Fact<infer Row> ? Row : never;
export type Facts = { readonly [K in FactKind]?: readonly FactRow<K>[] };

export type LookupKind = keyof typeof LOOKUPS;
export type LookupKey<K extends LookupKind> = (typeof LOOKUPS)[K] extends Lookup<infer Key, unknown> ? Key : never;
export type LookupState<K extends LookupKind> = (typeof LOOKUPS)[K] extends Lookup<never, infer State> ? State : never;
export type Looks = { readonly [K in LookupKind]?: readonly LookupKey<K>[] };
export type Found = { readonly [K in LookupKind]?: ReadonlyMap<string, LookupState<K>> };

const FACT_KINDS = Object.keys(FACTS) as FactKind[];
const LOOKUP_KINDS = Object.keys(LOOKUPS) as LookupKind[];

/** The text under which a look-up's answer stands. */
export function lookupKey<K extends LookupKind>(kind: K, key: LookupKey<K>): string {
  return (LOOKUPS[kind] as unknown as Lookup<LookupKey<K>, unknown>).keyOf(key);
}

/** No row has a number that cannot be stored; the statement for all others would fail of it. */
const isPossible = (key: unknown): boolean =>
  Object.values(key as object).every((value: unknown) => typeof value !== 'number' || Number.isSafeInteger(value));

/** One statement per kind that is wanted; none where nothing is. */
export async function readFound(tx: Sql, looks: Looks): Promise<Found> {
  const found: { [K in LookupKind]?: ReadonlyMap<string, unknown> } = {};
  const read = async <K extends LookupKind>(kind: K): Promise<void> => {
    const keys = looks[kind] as readonly LookupKey<K>[] | undefined;
    if (keys === undefined) return;
    const possible = keys.filter(isPossible);
    if (possible.length === 0) return;
    const lookup = LOOKUPS[kind] as unknown as Lookup<LookupKey<K>, unknown>;
    found[kind] = await lookup.read(tx, possible);
  };
  await Promise.all(LOOKUP_KINDS.map(read));
  return found as Found;
}

/** One statement per kind that there are rows of. */
export async function writeFacts(tx: Sql, facts: Facts): Promise<void> {
  const write = async <K extends FactKind>(kind: K): Promise<void> => {
    const rows = facts[kind] as readonly FactRow<K>[] | undefined;
    if (rows === undefined || rows.length === 0) return;
    await (FACTS[kind] as unknown as Fact<FactRow<K>>).write(tx, rows);
  };
  await Promise.all(FACT_KINDS.map(write));
}
