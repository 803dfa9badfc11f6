/** From an action and a payload to the charger's checked answer, or the problem that says how it ended. */
import {
  catalogueOf,
  findAction,
  isOcppVersion,
  loadVersion,
  type OcppVersion,
  type VersionCodec,
  type Warning,
} from '@sigec/ocpp';
import type { StationView } from '@sigec/store';
import { type ProblemCode, ProblemError } from '../problem.js';
import type { CommandGateway, CommandOutcome } from './gateway.js';
import { nearNames } from './near-names.js';

export interface Dispatched {
  readonly messageId: string;
  readonly response: Readonly<Record<string, unknown>>;
  readonly latencyMs: number;
  /** What is wrong with the charger's answer, which is passed on all the same. */
  readonly warnings: readonly { readonly field: string; readonly message: string }[];
}

/** Actions that a CSMS may send to a station of this version. */
export function commandsOf(version: OcppVersion): string[] {
  return catalogueOf(version)
    .filter(({ direction, kind }) => direction !== 'toCsms' && kind === 'call')
    .map(({ action }) => action);
}

/**
 * The version a station speaks.
 * @throws {ProblemError} `charger-offline` where it never connected, so that nobody knows
 */
export function versionOf(station: StationView): OcppVersion {
  const version = station.ocppVersion ?? station.defaultVersion;
  if (isOcppVersion(version)) return version;
  throw new ProblemError('charger-offline', {
    detail: {
      pt: 'O carregador nunca se conectou: sua versão OCPP ainda não é conhecida.',
      en: 'The charger has never connected: its OCPP version is not known yet.',
    },
  });
}

function requireAction(version: OcppVersion, action: string): void {
  const row = findAction(version, action);
  if (row && row.direction !== 'toCsms' && row.kind === 'call') return;
  const near = nearNames(action, commandsOf(version));
  const hint = near.length > 0 ? near.join(', ') : '-';
  throw new ProblemError('unknown-action', {
    detail: {
      pt: `${version} não tem essa ação do sistema para o carregador. Parecidas: ${hint}.`,
      en: `${version} has no such action from the system to the charger. Near: ${hint}.`,
    },
    extra: { ocpp_version: version, near },
  });
}

/** The problem that tells how a command ended without an answer. */
function endedAs(outcome: Exclude<CommandOutcome, { status: 'result' }>): ProblemError {
  const extra = { message_id: outcome.messageId, latency_ms: outcome.latencyMs };
  switch (outcome.status) {
    case 'error':
      return new ProblemError('charger-error', {
        extra: {
          ...extra,
          ocpp_error_code: outcome.code,
          ocpp_error_description: outcome.description,
          details: parseObject(outcome.details) ?? {},
        },
      });
    case 'timeout':
      return new ProblemError('charger-timeout', {
        extra,
        detail: {
          pt: 'Não se sabe se o carregador executou o comando.',
          en: 'Whether the charger carried the command out is not known.',
        },
      });
    case 'lost':
      return new ProblemError('charger-connection-lost', {
        extra,
        detail: {
          pt: 'A conexão caiu depois do envio: não se sabe se o comando foi executado.',
          en: 'The connection broke after the command was sent: whether it was carried out is not known.',
        },
      });
    case 'offline':
      return new ProblemError('charger-offline', { extra });
    case 'busy':
      return new ProblemError('charger-busy', { extra, headers: { 'retry-after': '5' } });
    case 'too-large':
      return new ProblemError('payload-too-large', { extra });
    case 'away':
      return new ProblemError('bus-unavailable', { extra: { ...extra, ...UNSENT }, headers: { 'retry-after': '5' } });
    default:
      return new ProblemError('bus-unavailable', { extra, headers: { 'retry-after': '5' } });
  }
}

/** Whether a charger may have carried out a command that ended in this: then what it was told may hold. */
export function mayHaveArrived(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return true;
  return UNCERTAIN.has(error.code) && error.options.extra?.sent !== UNSENT.sent;
}

/** Of a problem that says by its code that nobody knows, where it is known that nothing left. */
const UNSENT = { sent: false } as const;

const UNCERTAIN: ReadonlySet<ProblemCode> = new Set([
  ...(['charger-timeout', 'charger-connection-lost', 'bus-unavailable', 'internal'] as const),
]);

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not JSON: the same as no object.
  }
  return undefined;
}

/** JSON pointer to the dotted path that the API uses. */
const fieldOf = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');

/** A command that the station's version has, with a payload that its schema takes. */
export interface CheckedCommand {
  readonly action: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly codec: VersionCodec;
}

/** @throws {ProblemError} `unknown-action`, `validation`, `charger-offline` where the version is not known */
export async function checkCommand(
  station: StationView,
  action: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<CheckedCommand> {
  const version = versionOf(station);
  requireAction(version, action);
  const codec = await loadVersion<OcppVersion>(version);
  const request = codec.validateRequest(action, payload, { strict: true });
  if (request.ok) return { action, payload, codec };
  const errors = [{ field: fieldOf(request.details.path), message: request.description }];
  throw new ProblemError('validation', { errors, extra: { ocpp_version: version } });
}

/**
 * Sends a command and checks the answer.
 * @throws {ProblemError} for whatever is not an answer of the charger
 */
export async function sendCommand(
  gateway: CommandGateway,
  station: StationView,
  { action, payload, codec }: CheckedCommand,
  timeoutMs: number,
): Promise<Dispatched> {
  const outcome = await gateway.send({
    identity: station.identity,
    action,
    payload: JSON.stringify(payload),
    timeoutMs,
  });
  if (outcome.status !== 'result') throw endedAs(outcome);
  const { messageId, latencyMs } = outcome;
  const response = parseObject(outcome.payload);
  if (response === undefined) {
    return { messageId, latencyMs, response: {}, warnings: [{ field: '', message: 'payload must be an object' }] };
  }
  const verdict = codec.validateResponse(action, response, station.leniency);
  const warnings = verdict.ok
    ? verdict.warnings.map((warning: Warning) => ({ field: fieldOf(warning.path), message: warning.rule }))
    : [{ field: fieldOf(verdict.details.path), message: verdict.description }];
  return { messageId, latencyMs, response, warnings };
}

/** Both, for commands of our own making that nothing is noted of. */
export async function dispatch(
  gateway: CommandGateway,
  station: StationView,
  action: string,
  payload: Readonly<Record<string, unknown>>,
  timeoutMs: number,
): Promise<Dispatched> {
  return sendCommand(gateway, station, await checkCommand(station, action, payload), timeoutMs);
}
