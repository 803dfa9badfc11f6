/**
 * The room of a station's life: connecting, registering, heartbeats, connector statuses, authorisation, and the one
 * door by which the CSMS's calls come in. What the messages look like is said by the version's own file.
 */
import { EventEmitter, once } from 'node:events';
import { Certificates, type OwnCertificate } from './certificates.js';
import { Clock } from './clock.js';
import { type ConnectorStatus, Evse, type IdToken } from './evse.js';
import { check, FieldError, type FieldType, type JsonObject, read } from './json.js';
import { CallFailed, Link, Refusal, type Reply } from './link.js';
import { type Resolved, toToken } from './options.js';
import { SECURITY_SETTINGS, tellSecurity } from './security-events.js';
import { type Setting, Settings } from './settings.js';
import { ClosedError, quiet, Timers } from './timers.js';
import { Tokens } from './tokens.js';
import type { Registration, StationEvents } from './types.js';

/** The least a version must answer to one action: the fields it needs, and an honest answer. */
export interface Answer {
  needs: Record<string, FieldType>;
  answer: (payload: JsonObject) => JsonObject;
}

export type Answers = Readonly<Record<string, Answer>>;
export type Handler = (payload: JsonObject) => Reply;

/** What the settings that steer the station itself are called in a version. Intervals are seconds. */
export interface SettingNames {
  heartbeat: string;
  ping: string;
  attempts: string;
  retryInterval: string;
  password: string;
  offlineThreshold: string | null;
  localOffline: string;
  offlineUnknown: string;
}

const DEFAULT_HEARTBEAT_S = 300;

export abstract class StationCore extends EventEmitter<StationEvents> {
  readonly clock = new Clock();
  readonly timers = new Timers();
  readonly tokens = new Tokens();
  readonly certificates = new Certificates();
  readonly evses: readonly Evse[];
  readonly settings: Settings;
  readonly link: Link;
  registration: Registration = 'none';
  /** Another one after each update. */
  firmwareVersion: string;
  protected abstract readonly answers: Answers;
  protected abstract readonly handlers: Readonly<Record<string, Handler>>;
  readonly #ending = new AbortController();
  #booting: Promise<void> | null = null;
  #nudge = () => {};
  #stopHeartbeat = () => {};
  #closedAtMs = 0;
  #stationReported: string | null = null;
  #closing: Promise<void> | null = null;

  constructor(
    readonly o: Resolved,
    table: Record<string, Setting>,
    readonly names: SettingNames,
  ) {
    super();
    this.firmwareVersion = o.firmwareVersion;
    this.settings = new Settings(table, (name, value) => this.onSetting(name, value));
    this.evses = Array.from({ length: o.evses }, (_, i) => new Evse(i + 1, o.meterStartWh));
    this.link = new Link({
      ...o,
      retry: () => this.#retry(),
      onCall: (action, payload) => this.#onCall(action, payload),
    });
    this.link.on('open', () => this.#onOpen());
    this.link.on('close', (code, reason) => {
      this.#closedAtMs = this.clock.now();
      this.emit('close', code, reason);
    });
    this.link.on('refused', (status) => this.emit('refused', status));
    this.link.on('failed', (reason) => this.emit('failed', reason));
    this.link.on('frame', (event) => this.emit('frame', event));
    this.link.on('problem', (text) => this.emit('problem', text));
    this.link.socket.pingEvery(this.settings.integer(names.ping) * 1000);
    if (o.signal?.aborted === true) void this.close();
    else o.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  protected abstract bootPayload(reason: string): JsonObject;
  /** `evse` is null for the station as a whole (connector 0), which only 1.6 reports. */
  protected abstract statusPayload(evse: Evse | null, wireStatus: string): JsonObject;
  protected abstract wireStatus(status: ConnectorStatus): string;
  protected abstract authorizePayload(token: IdToken): JsonObject;
  /** The status word of idTagInfo or idTokenInfo; throws {@link FieldError} when the answer has none. */
  protected abstract authorizedStatus(answer: JsonObject): string;
  protected abstract readonly reportsStation: boolean;

  get identity(): string {
    return this.o.identity;
  }
  get version(): Resolved['version'] {
    return this.o.version;
  }
  get speed(): number {
    return this.o.speed;
  }
  get meterIntervalS(): number {
    return this.o.meterIntervalS;
  }
  get isClosed(): boolean {
    return this.#closing !== null;
  }
  /** Whether messages other than BootNotification may leave now. */
  get isOnline(): boolean {
    return this.link.isOpen && this.registration === 'Accepted';
  }

  boot(reason = 'PowerUp'): Promise<void> {
    if (this.isClosed) return quiet(Promise.reject(new ClosedError()));
    this.link.socket.start();
    if (this.registration === 'Accepted') return Promise.resolve();
    this.#booting ??= quiet(
      this.#bootLoop(reason).finally(() => {
        this.#booting = null;
      }),
    );
    return this.#booting;
  }

  /** Sends one BootNotification out of turn (TriggerMessage) and obeys its answer. */
  triggerBoot(): void {
    this.background(async () => {
      this.#onBootAnswer(await this.link.call('BootNotification', this.bootPayload('Triggered')));
      this.#nudge();
      if (this.registration !== 'Accepted') await this.boot('Triggered');
    });
  }

  /** What it boots with from now on. */
  setFirmware(version: string): void {
    this.firmwareVersion = version;
    this.settings.put('ChargingStation.FirmwareVersion', version);
  }

  /** Forgets the registration, drops the connection, and starts again. */
  reboot(reason: string): void {
    this.registration = 'none';
    this.link.released = false;
    this.#stopHeartbeat();
    this.#forgetReports();
    this.link.socket.drop(1000, 'reboot', Math.min(1000, this.o.backoff.minimumMs));
    this.background(() => this.boot(reason));
  }

  async setStatus(evseId: number, status: ConnectorStatus): Promise<void> {
    await this.changeStatus(this.evse(evseId), status);
  }

  /** Takes a status and reports it; never rejects. */
  changeStatus(evse: Evse, status: ConnectorStatus): Promise<void> {
    evse.status = status;
    return this.#report(evse);
  }

  /** Sends the status of one EVSE, or of all and the station, whether or not it changed. */
  reportAgain(evseId?: number): void {
    if (evseId === undefined || evseId === 0) this.#forgetReports();
    else this.evse(evseId).reported = null;
    this.#reportAll();
  }

  /** Sends the statuses that changed since they were sent last. */
  reportChanged(): void {
    this.#reportAll();
  }

  async authorize(idToken?: string | IdToken): Promise<string> {
    const token = idToken === undefined ? this.o.token : toToken(idToken, this.o.version);
    if (!this.isOnline) return this.offlineStatus(token);
    try {
      const answer = await this.link.call('Authorize', this.authorizePayload(token));
      const status = this.authorizedStatus(answer);
      this.tokens.remember(token.idToken, answer);
      return status;
    } catch (error) {
      if (error instanceof FieldError) this.emit('problem', `Authorize answer: ${error.message}`);
      else if (error instanceof CallFailed && error.why === 'offline') return this.offlineStatus(token);
      else if (!(error instanceof CallFailed)) throw error;
      return 'Invalid';
    }
  }

  /** What a token is worth while nobody can be asked (1.6 3.5, 2.x C15). */
  offlineStatus(token: IdToken): string {
    const known = this.settings.boolean(this.names.localOffline) ? this.tokens.lookUp(token.idToken) : undefined;
    return known ?? (this.settings.boolean(this.names.offlineUnknown) ? 'Accepted' : 'Invalid');
  }

  send(action: string, payload: JsonObject): Promise<JsonObject> {
    if (action !== 'NotifyPeriodicEventStream') return this.link.call(action, payload);
    return quiet(
      Promise.resolve().then(() => {
        this.link.sendUnconfirmed(action, payload);
        return {};
      }),
    );
  }

  observe(variable: string, value: string): void {
    if (this.settings.get(variable) === undefined) throw new RangeError(`variable: ${variable} is not known`);
    this.settings.put(variable, value);
  }

  certificate(): OwnCertificate | null {
    return this.certificates.own;
  }

  wait(seconds: number): Promise<void> {
    return this.timers.sleep((seconds * 1000) / this.o.speed);
  }

  disconnect(pauseMs?: number): void {
    this.link.socket.drop(1000, 'disconnect', pauseMs);
  }

  async flush(timeoutMs: number): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (this.link.isBusy && !this.isClosed) {
      if (performance.now() >= until) return false;
      await this.timers.sleep(10).catch(() => {});
    }
    return this.link.keptCount === 0;
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.o.signal?.removeEventListener('abort', this.#onAbort);
      this.#ending.abort();
      this.timers.close();
      await this.link.close();
      this.emit('closed');
    })();
    return this.#closing;
  }

  /** The EVSE with an id from 1; throws RangeError when there is none. */
  evse(id: number): Evse {
    const evse = this.evses[id - 1];
    if (evse === undefined) throw new RangeError(`evse: 1 to ${this.evses.length} wanted`);
    return evse;
  }

  /** Runs something nobody waits for; what goes wrong is told, never thrown. */
  background(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      if (this.isClosed || error instanceof ClosedError) return;
      this.emit('problem', error instanceof Error ? error.message : 'failed');
    });
  }

  protected onSetting(name: string, value: string): void {
    if (SECURITY_SETTINGS.has(name)) tellSecurity(this, 'ReconfigurationOfSecurityParameters', name);
    if (name === this.names.heartbeat) this.#startHeartbeat();
    if (name === this.names.ping) this.link.socket.pingEvery(Number(value) * 1000);
    if (name !== this.names.password) return;
    // A new password holds from the next handshake on, and the station makes that handshake at once (A01).
    this.link.socket.password = value;
    this.timers.after(50, () => this.link.socket.drop(1000, 'new credentials', 50));
  }

  readonly #onAbort = (): void => {
    void this.close();
  };

  async #bootLoop(reason: string): Promise<void> {
    for (;;) {
      await this.#whenOpen();
      let waitMs: number;
      try {
        waitMs = this.#onBootAnswer(await this.link.call('BootNotification', this.bootPayload(reason)));
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        if (error.why !== 'offline') this.emit('problem', error.message);
        waitMs = error.why === 'offline' ? 0 : this.o.backoff.minimumMs;
      }
      if (this.registration === 'Accepted') return;
      await Promise.race([
        this.timers.sleep(waitMs),
        new Promise<void>((resolve) => {
          this.#nudge = resolve;
        }),
      ]);
      if (this.isAccepted()) return;
    }
  }

  // Apart, since a triggered BootNotification may have been accepted during the wait.
  private isAccepted(): boolean {
    return this.registration === 'Accepted';
  }

  async #whenOpen(): Promise<void> {
    if (this.isClosed) throw new ClosedError();
    if (this.link.isOpen) return;
    try {
      await once(this.link, 'open', { signal: this.#ending.signal });
    } catch {
      throw new ClosedError();
    }
  }

  /** Takes the registration; gives the milliseconds after which a station that was not accepted asks again. */
  #onBootAnswer(answer: JsonObject): number {
    let status: Registration;
    let interval: number;
    try {
      status = read.word(answer, 'status', ['Accepted', 'Pending', 'Rejected'] as const);
      interval = read.int(answer, 'interval');
      read.optTime(answer, 'currentTime');
      check(answer, 'currentTime', 'string');
    } catch (error) {
      this.emit('problem', `BootNotification answer: ${(error as Error).message}`);
      return this.o.backoff.minimumMs;
    }
    this.registration = status;
    if (status === 'Accepted') {
      this.settings.put(this.names.heartbeat, String(interval > 0 ? interval : DEFAULT_HEARTBEAT_S));
      this.#startHeartbeat();
      this.#reportAll();
      this.link.released = true;
    }
    this.emit('boot', status, interval);
    return interval > 0 ? interval * 1000 : this.o.backoff.minimumMs;
  }

  #startHeartbeat(): void {
    this.#stopHeartbeat();
    this.#stopHeartbeat = this.timers.every(
      () => this.settings.integer(this.names.heartbeat) * 1000,
      () => this.heartbeat(),
    );
  }

  /** Sends a Heartbeat now, if that is allowed. */
  heartbeat(): void {
    if (!this.isOnline) return;
    this.background(async () => {
      const answer = await this.link.call('Heartbeat', {});
      if (read.optTime(answer, 'currentTime') === undefined)
        throw new FieldError('currentTime', 'missing', 'date-time');
    });
  }

  #onOpen(): void {
    this.emit('open');
    if (this.registration !== 'Accepted') return;
    const { offlineThreshold } = this.names;
    const offlineMs = this.clock.now() - this.#closedAtMs;
    if (offlineThreshold !== null && offlineMs > this.settings.integer(offlineThreshold) * 1000) this.#forgetReports();
    this.#reportAll();
  }

  #forgetReports(): void {
    this.#stationReported = null;
    for (const evse of this.evses) evse.reported = null;
  }

  #reportAll(): void {
    if (this.reportsStation && this.isOnline) {
      const status = this.evses.some((e) => e.operative) ? 'Available' : 'Unavailable';
      if (status !== this.#stationReported) {
        this.#stationReported = status;
        this.link.call('StatusNotification', this.statusPayload(null, status)).catch(() => {
          this.#stationReported = null;
        });
      }
    }
    for (const evse of this.evses) void this.#report(evse);
  }

  async #report(evse: Evse): Promise<void> {
    const status = this.wireStatus(evse.status);
    if (!this.isOnline || evse.reported === status) return;
    evse.reported = status;
    try {
      await this.link.call('StatusNotification', this.statusPayload(evse, status));
    } catch {
      if (evse.reported === status) evse.reported = null;
    }
  }

  #retry(): { attempts: number; intervalMs: number } {
    // The option is finer than the whole seconds of the setting; once the CSMS has written the setting, it rules.
    const seconds = this.settings.integer(this.names.retryInterval);
    const fromOption = seconds === Math.ceil(this.o.retryIntervalMs / 1000);
    return {
      attempts: Math.max(1, this.settings.integer(this.names.attempts)),
      intervalMs: fromOption ? this.o.retryIntervalMs : seconds * 1000,
    };
  }

  #onCall(action: string, payload: JsonObject): Reply {
    // Whoever rejected the station has no business with it yet (1.6 4.2, 2.x B03).
    if (this.registration === 'Rejected') throw new Refusal('SecurityError', 'the station is not registered');
    const entry = Object.hasOwn(this.answers, action) ? this.answers[action] : undefined;
    if (entry === undefined) throw new Refusal('NotImplemented', 'unknown action');
    for (const [field, type] of Object.entries(entry.needs)) check(payload, field, type);
    const handler = Object.hasOwn(this.handlers, action) ? this.handlers[action] : undefined;
    return handler === undefined ? { answer: entry.answer(payload) } : handler(payload);
  }
}
