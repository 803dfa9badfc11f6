/** The room of the options: checked once, at the door, with an error that names the option; secrets are never quoted. */
import { DEFAULT_BACKOFF } from './backoff.js';
import type { Curve } from './curve.js';
import type { IdToken } from './evse.js';
import type { Version } from './frame.js';
import type { StationOptions } from './types.js';

export const VERSIONS: readonly Version[] = ['1.6', '2.0.1', '2.1'];

const SUBPROTOCOLS: Record<Version, string> = { '1.6': 'ocpp1.6', '2.0.1': 'ocpp2.0.1', '2.1': 'ocpp2.1' };
const LONGEST_TOKEN: Record<Version, number> = { '1.6': 20, '2.0.1': 36, '2.1': 255 };

/** Options with every default filled in. */
export type Resolved = ReturnType<typeof resolveOptions>;

/** One line per option, for the help of a command line: what it is called there, its default, and what it does. */
export const stationOptionsHelp: readonly { flag: string; fallback: string; pt: string; en: string }[] = [
  { flag: 'url', fallback: 'ws://127.0.0.1:9000/ocpp', pt: 'endereço do CSMS, sem a identidade', en: 'CSMS endpoint' },
  { flag: 'id', fallback: 'SIM-0001', pt: 'identidade da estação', en: 'station identity' },
  { flag: 'version', fallback: '1.6', pt: 'versão OCPP: 1.6, 2.0.1, 2.1', en: 'OCPP version' },
  { flag: 'password', fallback: '', pt: 'senha HTTP Basic', en: 'HTTP Basic password' },
  { flag: 'token', fallback: 'SIGEC-DEMO', pt: 'token do motorista', en: "driver's idToken" },
  { flag: 'evses', fallback: '1', pt: 'quantos EVSEs', en: 'number of EVSEs' },
  {
    flag: 'variables',
    fallback: '0',
    pt: 'ao menos tantas variáveis de configuração',
    en: 'at least so many variables',
  },
  { flag: 'power', fallback: '50000', pt: 'potência por EVSE, W', en: 'power of each EVSE, W' },
  { flag: 'battery', fallback: '60000', pt: 'bateria do carro, Wh', en: 'battery of the car, Wh' },
  { flag: 'meter-start', fallback: '1000', pt: 'medidor no início, Wh', en: 'meter at the start, Wh' },
  { flag: 'speed', fallback: '1', pt: 'segundos simulados por segundo', en: 'simulated seconds per second' },
  {
    flag: 'meter-interval',
    fallback: '60',
    pt: 'segundos simulados entre medições',
    en: 'simulated s between samples',
  },
  {
    flag: 'scenario',
    fallback: 'session',
    pt: 'idle, session, remote ou um arquivo',
    en: 'idle, session, remote or a file',
  },
];

function number(name: string, value: number | undefined, fallback: number, least: number, most: number): number {
  const n = value ?? fallback;
  if (!Number.isFinite(n) || n < least || n > most) throw new RangeError(`${name}: ${least} to ${most} wanted`);
  return n;
}

function integer(name: string, value: number | undefined, fallback: number, least: number, most: number): number {
  const n = number(name, value, fallback, least, most);
  if (!Number.isInteger(n)) throw new RangeError(`${name}: integer wanted`);
  return n;
}

function text(name: string, value: string | undefined, fallback: string, most: number): string {
  const s = value ?? fallback;
  if (typeof s !== 'string' || s.length === 0 || s.length > most) {
    throw new RangeError(`${name}: 1 to ${most} characters wanted`);
  }
  return s;
}

function address(value: string): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new RangeError('url: an address wanted, e.g. ws://127.0.0.1:9000/ocpp');
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new RangeError('url: ws:// or wss:// wanted');
  if (url.username !== '' || url.password !== '' || url.hash !== '' || url.search !== '') {
    throw new RangeError('url: no credentials, query or fragment wanted');
  }
  return value;
}

function firmwareFailure(word: string): 'DownloadFailed' | 'InstallationFailed' {
  if (word === 'DownloadFailed' || word === 'InstallationFailed') return word;
  throw new RangeError('firmware.fail: DownloadFailed or InstallationFailed wanted');
}

/** Makes a token of text: ISO14443 where it looks like a card's UID, Central otherwise (2.x IdTokenEnum). */
export function toToken(value: string | IdToken, version: Version): IdToken {
  const token = typeof value === 'string' ? { idToken: value, type: '' } : value;
  text('idToken', token.idToken, '', LONGEST_TOKEN[version]);
  const type = /^([0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{20})$/i.test(token.idToken) ? 'ISO14443' : 'Central';
  return { idToken: token.idToken, type: token.type === '' ? type : token.type };
}

/** Checks the options and fills in the defaults; throws RangeError naming the option. */
export function resolveOptions(o: StationOptions) {
  if (!VERSIONS.includes(o.version)) throw new RangeError(`version: one of ${VERSIONS.join(', ')} wanted`);
  const identity = text('identity', o.identity, '', 100);
  // RFC 7617: the first colon ends the user's name, so such an identity cannot be told from its password.
  if (o.password !== undefined && identity.includes(':')) throw new RangeError('identity: no colon with a password');
  const curve: Curve = {
    kind: o.current ?? 'dc',
    maxPowerW: number('maxPowerW', o.maxPowerW, 50_000, 1, 4_000_000),
    batteryWh: number('batteryWh', o.batteryWh, 60_000, 100, 10_000_000),
  };
  if (curve.kind !== 'dc' && curve.kind !== 'ac') throw new RangeError('current: dc or ac wanted');
  return {
    url: address(o.url),
    identity,
    version: o.version,
    subprotocol: SUBPROTOCOLS[o.version],
    password: o.password === undefined ? undefined : text('password', o.password, '', 256),
    token: toToken(o.idToken ?? 'SIGEC-DEMO', o.version),
    evses: integer('evses', o.evses, 1, 1, 64),
    variables: integer('variables', o.variables, 0, 0, 10_000),
    curve,
    socStart: number('socStart', o.socStart, 20, 0, 100),
    meterStartWh: integer('meterStartWh', o.meterStartWh, 1000, 0, 2_000_000_000),
    speed: number('speed', o.speed, 1, 0.001, 100_000),
    meterIntervalS: integer('meterIntervalS', o.meterIntervalS, 60, 1, 86_400),
    backoff: {
      minimumMs: number('backoff.minimumMs', o.backoff?.minimumMs, DEFAULT_BACKOFF.minimumMs, 1, 3_600_000),
      randomMs: number('backoff.randomMs', o.backoff?.randomMs, DEFAULT_BACKOFF.randomMs, 0, 3_600_000),
      repeats: integer('backoff.repeats', o.backoff?.repeats, DEFAULT_BACKOFF.repeats, 0, 20),
    },
    attempts: integer('retry.attempts', o.retry?.attempts, 5, 1, 1000),
    retryIntervalMs: integer('retry.intervalMs', o.retry?.intervalMs, 10_000, 1, 3_600_000),
    messageTimeoutMs: integer('messageTimeoutMs', o.messageTimeoutMs, 30_000, 10, 600_000),
    maxKept: integer('maxKept', o.maxKept, 10_000, 10, 1_000_000),
    vendor: text('vendor', o.vendor, 'SIGEC', 20),
    model: text('model', o.model, 'Simulator', 20),
    serialNumber: text('serialNumber', o.serialNumber, 'SIM-1', 25),
    firmwareVersion: text('firmwareVersion', o.firmwareVersion, '1.0.0', 50),
    firmware: {
      failures: number('firmware.failures', o.firmware?.failures, 0, 0, 1),
      fail: firmwareFailure(o.firmware?.fail ?? 'DownloadFailed'),
      times: integer('firmware.times', o.firmware?.times, 1_000_000, 0, 1_000_000),
      delayMs: integer('firmware.delayMs', o.firmware?.delayMs, 40, 0, 600_000),
    },
    tls: o.tls,
    iso15118: o.iso15118 ?? false,
    signal: o.signal,
  };
}
