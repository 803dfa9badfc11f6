/** The room of scenario files: a list of steps, as JSON or as the default export of a module, checked before it runs. */
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CONNECTOR_STATUSES, type ConnectorStatus } from './evse.js';
import { FieldError, isObject, type Json, type JsonObject, read } from './json.js';
import { STOP_REASONS, type StopReason } from './types.js';

/** One step of a scenario. `seconds` and `every` are simulated seconds; EVSEs are numbered from 1. */
export type Step =
  | { do: 'boot' }
  | { do: 'status'; connector?: number; status: ConnectorStatus }
  /** Fails the scenario when the token is not accepted. */
  | { do: 'authorize'; idToken?: string }
  /** `auto: true` sends samples by themselves; without it the `meter` steps do. */
  | { do: 'start'; evse?: number; idToken?: string; auto?: boolean }
  | { do: 'meter'; evse?: number; every?: number; times?: number }
  | { do: 'stop'; evse?: number; reason?: StopReason }
  | { do: 'wait'; seconds: number }
  /** Stays away for `seconds`, or for the back-off. */
  | { do: 'disconnect'; seconds?: number }
  | { do: 'send'; action: string; payload?: JsonObject }
  /** A variable, as `EVSE@1.Power`, is at another value from now on. */
  | { do: 'observe'; variable: string; value: string }
  /** The grid, or whoever else is not the CSMS, limits the station (or an EVSE) to W; without `watts` no longer. */
  | { do: 'limit'; watts?: number; evse?: number; source?: string }
  /** A driver asks for priority, or gives it up. */
  | { do: 'prioritise'; evse?: number; active: boolean }
  /** The payment terminal settled an amount, as 12.34, for the transaction that ended last (2.1). */
  | { do: 'settle'; amount: number; pspRef?: string; vatNumber?: string }
  /** A car wants its contract, new or renewed; fails the scenario when it gets none. `exiRequest` is base64. */
  | { do: 'contract'; renew?: boolean; exiRequest?: string }
  /** Asks whether its own certificates still hold; fails the scenario when the CSMS cannot tell. */
  | { do: 'certificates' }
  /** Something happened on the grid that a control answers to, as `HVMustTrip`, or is over (2.1). */
  | { do: 'alarm'; control: string; fault?: string; ended?: boolean }
  /** Waits for a transaction the CSMS starts, and until it has ended. */
  | { do: 'remote' }
  /** Waits until every transaction message is answered, real seconds at most (default 30). */
  | { do: 'flush'; seconds?: number }
  /** Goes on until the station is closed. */
  | { do: 'idle' };

export type Scenario = readonly Step[];

const FIELDS: Record<Step['do'], readonly string[]> = {
  boot: [],
  status: ['connector', 'status'],
  authorize: ['idToken'],
  start: ['evse', 'idToken', 'auto'],
  meter: ['evse', 'every', 'times'],
  stop: ['evse', 'reason'],
  wait: ['seconds'],
  disconnect: ['seconds'],
  send: ['action', 'payload'],
  limit: ['watts', 'evse', 'source'],
  prioritise: ['evse', 'active'],
  observe: ['variable', 'value'],
  settle: ['amount', 'pspRef', 'vatNumber'],
  contract: ['renew', 'exiRequest'],
  certificates: [],
  alarm: ['control', 'fault', 'ended'],
  remote: [],
  flush: ['seconds'],
  idle: [],
};

const MAX_STEPS = 10_000;

const TEXTS = ['idToken', 'source', 'pspRef', 'vatNumber', 'exiRequest', 'fault'];

function checkStep(step: JsonObject): void {
  const kind = read.word(step, 'do', Object.keys(FIELDS) as Step['do'][]);
  for (const field of Object.keys(step)) {
    if (field !== 'do' && !FIELDS[kind].includes(field))
      throw new FieldError(field, 'value', `no such field of ${kind}`);
  }
  for (const field of ['connector', 'evse', 'times']) {
    const n = read.optInt(step, field);
    if (n !== undefined && n < 1) throw new FieldError(field, 'value', 'integer from 1');
  }
  for (const field of ['every', 'seconds']) {
    const n = read.optNum(step, field);
    if (n !== undefined && n < 0) throw new FieldError(field, 'value', 'number from 0');
  }
  for (const field of TEXTS) read.optStr(step, field);
  read.optObj(step, 'payload');
  for (const field of ['auto', 'renew', 'ended', 'active']) {
    if (step[field] !== undefined && typeof step[field] !== 'boolean') throw new FieldError(field, 'type', 'boolean');
  }
  if (step.reason !== undefined) read.word(step, 'reason', STOP_REASONS);
  if (kind === 'status') read.word(step, 'status', CONNECTOR_STATUSES);
  if (kind === 'send') read.str(step, 'action');
  if (kind === 'observe') for (const field of ['variable', 'value']) read.str(step, field);
  if (kind === 'limit') read.optNum(step, 'watts');
  if (kind === 'prioritise' && step.active === undefined) throw new FieldError('active', 'missing', 'boolean');
  if (kind === 'settle' && read.num(step, 'amount') < 0) throw new FieldError('amount', 'value', 'number from 0');
  if (kind === 'alarm') read.str(step, 'control');
  if (kind === 'wait') read.num(step, 'seconds');
}

/** Checks a list of steps; throws FieldError naming the step and field, as in `steps[2].seconds`. */
export function checkScenario(value: unknown): Scenario {
  if (!Array.isArray(value)) throw new FieldError('steps', 'type', 'array of steps');
  if (value.length === 0 || value.length > MAX_STEPS) throw new FieldError('steps', 'value', `1 to ${MAX_STEPS} steps`);
  for (const [i, step] of (value as Json[]).entries()) {
    if (!isObject(step)) throw new FieldError(`steps[${i}]`, 'type', 'object');
    try {
      checkStep(step);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      throw new FieldError(`steps[${i}].${error.field}`, error.fault, error.message.split(': ').slice(1).join(': '));
    }
  }
  return value as unknown as Scenario;
}

/**
 * Reads a scenario file: `.json`, or a module (`.js`, `.mjs`) whose default export is the list. A module runs as
 * code, so only files of one's own should be named.
 */
export async function loadScenario(path: string): Promise<Scenario> {
  if (extname(path) === '.json') {
    let value: unknown;
    try {
      value = JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      throw new Error(`scenario ${path}: ${error instanceof Error ? error.message : 'unreadable'}`, { cause: error });
    }
    return checkScenario(value);
  }
  const module: { default?: unknown } = await import(pathToFileURL(resolve(path)).href);
  return checkScenario(module.default);
}
