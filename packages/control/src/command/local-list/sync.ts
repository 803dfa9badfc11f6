/**
 * Brings a station's local list in step with the tokens of its tenant: what changed since, or all of it where that is not
 * known. Every message has a number above the one before; how far the station got is written after each, so that whoever
 * goes on begins where the last one stopped.
 */
import {
  changedTokens,
  getLocalList,
  type ListedToken,
  type LocalListPatch,
  type LocalListRow,
  listedTokens,
  putLocalList,
  type StationView,
  tokensVersion,
} from '@sigec/store';
import { itself } from '../../background/job.js';
import type { Services } from '../../context.js';
import { ProblemError } from '../../problem.js';
import { versionOf } from '../dispatch.js';
import type { Payload } from '../effect.js';
import { perform } from '../perform.js';
import { wordOf } from '../setting.js';
import { holds, type ListPlace, listEntry } from './entries.js';
import { askRoom } from './room.js';

/** More changes than this are sent as a whole list. */
const MOST_CHANGES = 500;
/** Between two attempts, by the failures before it, ms. */
const BACKOFF_MS = [10_000, 60_000, 600_000, 3_600_000];
/** Before a station that has no local list is asked again, ms. */
const UNSUPPORTED_MS = 24 * 3_600_000;

export type SyncServices = Pick<Services, 'config' | 'db' | 'logger' | 'clock' | 'gateway'>;

/** The charger's own error: it was heard, and did nothing. */
const isChargerError = (error: unknown): boolean => error instanceof ProblemError && error.code === 'charger-error';

class Sync {
  readonly #services: SyncServices;
  readonly #station: StationView;
  readonly #tenantId: number;
  readonly #place: ListPlace;
  #list: LocalListRow;

  constructor(services: SyncServices, tenantId: number, station: StationView, list: LocalListRow) {
    this.#services = services;
    this.#station = station;
    this.#tenantId = tenantId;
    this.#list = list;
    this.#place = { version: versionOf(station), stationId: station.id, site: station.site };
  }

  get list(): LocalListRow {
    return this.#list;
  }

  get #is16(): boolean {
    return this.#place.version === 'ocpp1.6';
  }

  async run(): Promise<void> {
    if (this.#list.itemsPerMessage === null) await this.#learnRoom();
    const { db } = this.#services;
    const target = await tokensVersion(db, this.#tenantId);
    if (this.#list.tokensVersion >= 0 && !(await this.#sendChanges(target))) {
      // What it holds is not what we believed: all of it, once.
      await this.#put({ tokensVersion: -1, version: Math.max(this.#list.version, await this.#askVersion()) });
    }
    if (this.#list.tokensVersion < 0) await this.#sendAll(target);
  }

  /** What the station says it holds; -1 where it has no list (1.6 6.24). */
  async #askVersion(): Promise<number> {
    const { response } = await this.#ask('GetLocalListVersion', {});
    const version = Number(this.#is16 ? response.listVersion : response.versionNumber);
    return Number.isSafeInteger(version) ? version : 0;
  }

  /** Whether the station still holds what it was told. */
  async check(): Promise<void> {
    const version = await this.#askVersion();
    if (version === this.#list.version) return;
    await this.#put({ tokensVersion: -1, version: Math.max(version, this.#list.version), state: 'unknown' });
  }

  async #learnRoom(): Promise<void> {
    const room = await askRoom(this.#is16, (action, payload) => this.#ask(action, payload), isChargerError);
    await this.#put(room);
  }

  /** @returns false where the station does not follow, and needs all of it */
  async #sendChanges(target: number): Promise<boolean> {
    const { db, clock } = this.#services;
    const changes = await changedTokens(db, this.#tenantId, this.#list.tokensVersion, MOST_CHANGES + 1);
    if (changes.length > MOST_CHANGES) return false;
    const size = this.#list.itemsPerMessage ?? 1;
    let entries: Payload[] = [];
    let reached = this.#list.tokensVersion;
    const flush = async (): Promise<boolean> => {
      if (entries.length > 0 && (await this.#send('Differential', entries)) !== 'Accepted') return false;
      entries = [];
      await this.#put({ tokensVersion: reached });
      return true;
    };
    for (const token of changes) {
      const entry = this.#fits(token) ? listEntry(token, this.#place, clock.now()) : undefined;
      if (entry !== undefined) entries.push(entry);
      reached = token.listVersion;
      if (entries.length >= size && !(await flush())) return false;
    }
    reached = Math.max(reached, target);
    if (!(await flush())) return false;
    await this.#put({ ...DONE, tokensVersion: reached, syncedAt: new Date(clock.now()) });
    return true;
  }

  /** A token that came after the list was full is on no list. */
  #fits(token: ListedToken): boolean {
    return this.#list.upto === null || token.id <= this.#list.upto;
  }

  async #sendAll(target: number): Promise<void> {
    const { clock } = this.#services;
    const size = this.#list.itemsPerMessage ?? 1;
    const { entries, upto } = await this.#gather();
    for (let from = 0; from === 0 || from < entries.length; from += size) {
      const status = await this.#send(from === 0 ? 'Full' : 'Differential', entries.slice(from, from + size));
      if (status === 'Accepted') continue;
      if (status === 'NotSupported') return this.#unsupported(status);
      return this.#failed(status);
    }
    const done = { tokensVersion: target, upto, entries: entries.length, syncedAt: new Date(clock.now()) };
    await this.#put({ ...DONE, ...done });
  }

  /** All that its list may hold, as far as it has room. */
  async #gather(): Promise<{ entries: Payload[]; upto: number | null }> {
    const { db, clock } = this.#services;
    const most = this.#list.maxEntries ?? 0;
    const entries: Payload[] = [];
    for (let after = 0; ; ) {
      const tokens = await listedTokens(db, this.#tenantId, after, 1_000);
      for (const token of tokens) {
        const entry = listEntry(token, this.#place, clock.now());
        if (entry !== undefined && holds(entry)) {
          if (entries.length === most) return { entries, upto: after };
          entries.push(entry);
        }
        after = token.id;
      }
      if (tokens.length < 1_000) return { entries, upto: null };
    }
  }

  /** One message, under the next number; its word, which is noted. */
  async #send(updateType: 'Full' | 'Differential', entries: readonly Payload[]): Promise<string> {
    const number = this.#list.version + 1;
    const payload = {
      [this.#is16 ? 'listVersion' : 'versionNumber']: number,
      updateType,
      ...(entries.length > 0 && { localAuthorizationList: entries }),
    };
    const { response } = await this.#ask('SendLocalList', payload);
    const status = wordOf(response.status) ?? 'Unknown';
    if (status === 'Accepted') await this.#put({ version: number, state: 'sending', lastResult: status });
    else await this.#put({ lastResult: status });
    return status;
  }

  async #ask(action: string, payload: Payload) {
    const { config } = this.#services;
    const order = { action, payload, timeoutMs: config.commandTimeoutMs };
    return perform(this.#services, itself(this.#tenantId), this.#station, order);
  }

  async #failed(status: string): Promise<void> {
    const { failures } = this.#list;
    await this.#put({ state: 'failed', lastResult: status, failures: failures + 1, nextAt: this.#later(failures) });
  }

  async #unsupported(status: string): Promise<void> {
    const nextAt = new Date(this.#services.clock.now() + UNSUPPORTED_MS);
    await this.#put({ state: 'unsupported', lastResult: status, nextAt });
  }

  #later(failures: number): Date {
    const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0;
    return new Date(this.#services.clock.now() + wait);
  }

  async #put(patch: LocalListPatch): Promise<void> {
    this.#list = await putLocalList(this.#services.db, itself(this.#tenantId), this.#station.id, patch);
  }

  /** How an attempt ended that brought no answer: what the station holds is not known any more. */
  async brokenBy(error: unknown): Promise<void> {
    if (!(error instanceof ProblemError)) throw error;
    const unsupported =
      isChargerError(error) && /^Not(?:Supported|Implemented)$/.test(String(error.options.extra?.ocpp_error_code));
    if (unsupported) return this.#unsupported('NotSupported');
    const { failures } = this.#list;
    const lost = error.code === 'charger-offline' || error.code === 'charger-busy' ? {} : { tokensVersion: -1 };
    await this.#put({ ...lost, lastResult: error.code, failures: failures + 1, nextAt: this.#later(failures) });
  }
}

const DONE: LocalListPatch = { state: 'in_step', failures: 0 };

/**
 * Brings one list in step, whether or not it is enabled.
 * @throws {ProblemError} how a command ended that brought no answer; that is noted too
 */
export async function syncLocalList(
  services: SyncServices,
  tenantId: number,
  station: StationView,
  options: { readonly full?: boolean; readonly checkOnly?: boolean } = {},
): Promise<LocalListRow> {
  const actor = itself(tenantId);
  const again = options.full === true ? { tokensVersion: -1 } : {};
  const known = options.full === true ? undefined : await getLocalList(services.db, actor, station.id);
  const list = known ?? (await putLocalList(services.db, actor, station.id, again));
  const sync = new Sync(services, tenantId, station, list);
  try {
    await (options.checkOnly === true ? sync.check() : sync.run());
  } catch (error) {
    await sync.brokenBy(error);
    throw error;
  }
  if (sync.list.state !== 'failed' && sync.list.state !== 'unsupported' && options.checkOnly !== true)
    return putLocalList(services.db, actor, station.id, { nextAt: new Date(services.clock.now()) });
  return sync.list;
}
