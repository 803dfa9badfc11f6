/**
 * One step of the provisioning of a station: read it, wait for its report, or write what operators want and it is not yet.
 * A step sends a few commands and says how far it came, so that any process can take the next (store, provisioning).
 */
import {
  type Actor,
  type ClaimedProvisioning,
  type EffectiveSetting,
  effectiveSettings,
  getRequest,
  itemsPerSetVariables,
  knownVariables,
  nameOf,
  type ProvisioningMove,
  pathOf,
  type StationView,
} from '@sigec/store';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { nameFrom, objects, spell } from './effects/said.js';
import { perform } from './perform.js';
import { wordOf } from './setting.js';

type Room = Pick<Services, 'config' | 'db' | 'logger' | 'clock' | 'gateway'>;
type Outcome = ClaimedProvisioning['applied'][number];

/** A charger that does not answer holds its step for no longer, ms. */
const COMMAND_MS = 15_000;
/** A step begins no further command after this, ms. */
export const SLICE_MS = 3_000;
/** Between two looks for the end of a report, ms. */
const LOOK_MS = 500;
/** A report that has not ended by then is gone on without, ms. */
const REPORT_MS = 10 * 60_000;
const ATTEMPTS = 8;
/** What chargers take where they do not say; the specification asks for no more. */
const DEFAULT_ITEMS = 10;
const MOST_ITEMS = 100;

/** Passing: the charger was not reached, or nobody knows whether it was. Whatever is written is the same twice. */
const isPassing = (error: unknown): boolean => !(error instanceof ProblemError) || error.temporary;

/** What a charger says where it will not do something, as one word. */
function wordOfError(error: unknown): string {
  if (!(error instanceof ProblemError)) return 'internal';
  return wordOf(error.options.extra?.ocpp_error_code) ?? error.code;
}

/** After a failure: again, later and later, and then no more. */
function again(claimed: ClaimedProvisioning, error: unknown): ProvisioningMove {
  const attempts = claimed.attempts + 1;
  const detail = wordOfError(error);
  if (attempts >= ATTEMPTS) return { state: 'failed', attempts, detail };
  return { state: claimed.state, attempts, detail, inMs: 5_000 * 2 ** attempts };
}

const is16 = (station: StationView): boolean => (station.ocppVersion ?? station.defaultVersion) === 'ocpp1.6';

/** 1.6 section 5.8; 2.x B07. What comes is taken up by the effects of these commands, and by the worker. */
async function read(room: Room, actor: Actor, station: StationView): Promise<ProvisioningMove> {
  const timeoutMs = Math.min(room.config.commandTimeoutMs, COMMAND_MS);
  const old = is16(station);
  const order = old
    ? { action: 'GetConfiguration', payload: {}, timeoutMs }
    : { action: 'GetBaseReport', payload: { reportBase: 'FullInventory' }, timeoutMs };
  try {
    const { response, beside } = await perform(room, actor, station, order);
    if (old) return { state: 'applying' };
    const { request_id: requestId } = beside;
    if (response.status === 'Accepted' && typeof requestId === 'number') return { state: 'reporting', requestId };
    return { state: 'applying', detail: `GetBaseReport: ${wordOf(response.status) ?? 'no answer'}` };
  } catch (error) {
    if (isPassing(error)) throw error;
    // A charger that cannot tell what it has may still be told what it shall have.
    return { state: 'applying', detail: `${order.action}: ${wordOfError(error)}` };
  }
}

async function report(room: Room, actor: Actor, claimed: ClaimedProvisioning): Promise<ProvisioningMove> {
  const { stationId, requestId, sinceMs } = claimed;
  const request = requestId === null ? undefined : await getRequest(room.db, actor, stationId, requestId);
  if (request?.status === 'complete') return { state: 'applying' };
  if (request === undefined || request.endedAt !== null || (sinceMs ?? 0) > REPORT_MS)
    return { state: 'applying', detail: `GetBaseReport: ${request?.status ?? 'lost'}` };
  return { state: 'reporting', inMs: LOOK_MS };
}

/** Wanted, not so yet, and not spoken of in this provisioning. */
async function missing(room: Room, actor: Actor, station: StationView, done: readonly Outcome[]) {
  const wanted = await effectiveSettings(room.db, actor, station);
  const known = await knownVariables(room.db, station.id, wanted);
  const spoken = new Set(done.map(pathOf));
  return wanted.filter((row) => !spoken.has(row.path) && known.get(row.path)?.value !== row.value);
}

const outcome = (row: EffectiveSetting, status: string): Outcome => ({ ...nameOf(row), value: row.value, status });

/** Writes some; the charger's word for each. */
async function write(
  room: Room,
  actor: Actor,
  station: StationView,
  rows: readonly EffectiveSetting[],
): Promise<Outcome[]> {
  const timeoutMs = Math.min(room.config.commandTimeoutMs, COMMAND_MS);
  const [first] = rows;
  if (first === undefined) return [];
  if (is16(station)) {
    const payload = { key: first.variable, value: first.value };
    const { response } = await perform(room, actor, station, { action: 'ChangeConfiguration', payload, timeoutMs });
    return [outcome(first, wordOf(response.status) ?? 'NoAnswer')];
  }
  const payload = { setVariableData: rows.map((row) => ({ ...spell(row), attributeValue: row.value })) };
  const { response } = await perform(room, actor, station, { action: 'SetVariables', payload, timeoutMs });
  const words = new Map<string, string>();
  for (const result of objects(response.setVariableResult)) {
    const name = nameFrom(result);
    if (name !== undefined) words.set(pathOf(name), wordOf(result.attributeStatus) ?? 'NoAnswer');
  }
  return rows.map((row) => outcome(row, words.get(row.path) ?? 'NoAnswer'));
}

const isApplied = ({ status }: Outcome): boolean => status === 'Accepted' || status === 'RebootRequired';

/** 1.6 section 5.4; 2.x B05. Until all was spoken of, or the time of a step is over. */
async function apply(
  room: Room,
  actor: Actor,
  station: StationView,
  claimed: ClaimedProvisioning,
): Promise<ProvisioningMove> {
  const until = room.clock.monotonic() + SLICE_MS;
  const applied = [...claimed.applied];
  const refused = [...claimed.refused];
  let items = 1;
  if (!is16(station)) items = Math.min((await itemsPerSetVariables(room.db, station.id)) ?? DEFAULT_ITEMS, MOST_ITEMS);
  const said = (state: ProvisioningMove['state']): ProvisioningMove => {
    const rebootRequired = applied.some(({ status }) => status === 'RebootRequired');
    return { state, applied, refused, rebootRequired };
  };
  const open = await missing(room, actor, station, [...applied, ...refused]);
  while (open.length > 0) {
    const rows = open.splice(0, items);
    try {
      for (const row of await write(room, actor, station, rows)) (isApplied(row) ? applied : refused).push(row);
    } catch (error) {
      if (isPassing(error)) return { ...said('applying'), ...again(claimed, error) };
      // One that it cannot read would take the others with it.
      if (rows.length > 1) {
        items = 1;
        open.unshift(...rows);
        continue;
      }
      refused.push(...rows.map((row) => outcome(row, wordOfError(error))));
    }
    if (open.length > 0 && room.clock.monotonic() > until) return said('applying');
  }
  return said('done');
}

/** The next step; never rejects for what a charger does or does not do. */
export async function provisionStep(
  room: Room,
  actor: Actor,
  station: StationView,
  claimed: ClaimedProvisioning,
): Promise<ProvisioningMove> {
  try {
    if (claimed.state === 'queued') return await read(room, actor, station);
    if (claimed.state === 'reporting') return await report(room, actor, claimed);
    return await apply(room, actor, station, claimed);
  } catch (error) {
    if (!(error instanceof ProblemError)) room.logger.warn({ err: error }, 'provisioning: a step failed');
    return again(claimed, error);
  }
}
