/** A new password by command: the charger is told, and holds the old one until it has come in with the new (docs/decisions/0014). */

import type { Actor } from '@sigec/store';
import { beginRotation, dropRotation, type StationView } from '@sigec/store';
import { newSecret } from '../auth/station-secret.js';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { type Dispatched, dispatch, mayHaveArrived, versionOf } from './dispatch.js';
import { isAccepted, PASSWORD, statusOf, wordOf, writeSetting } from './setting.js';

export interface Rotated {
  readonly messageId: string;
  readonly latencyMs: number;
  /** The charger's word; undefined where it said none that OCPP knows, so that it may hold the password or not. */
  readonly result: string | undefined;
}

/** A charger may quote what it was sent: of its error only the code is told. */
function withoutWords(error: unknown): unknown {
  if (!(error instanceof ProblemError) || error.code !== 'charger-error') return error;
  const { message_id, latency_ms, ocpp_error_code } = error.options.extra ?? {};
  return new ProblemError('charger-error', {
    extra: { message_id, latency_ms, ocpp_error_code: wordOf(ocpp_error_code) },
  });
}

/**
 * AuthorizationKey (1.6) or BasicAuthPassword (2.x). Both passwords open a session until the new one was used. It is given
 * up only where the charger surely did not take it; where nobody knows, both stay.
 * @throws {ProblemError} `rotation-pending`, `command-rejected`, or how the command ended
 */
export async function rotatePassword(
  { db, gateway, config }: Pick<Services, 'db' | 'gateway' | 'config'>,
  actor: Actor,
  station: StationView,
  timeoutMs: number,
): Promise<Rotated> {
  const version = versionOf(station);
  const { password, secret } = newSecret(config.pepper);
  const { action, payload } = writeSetting(version, PASSWORD, password);
  // Before it is sent: a charger that obeys may be back before its answer is.
  const before = await beginRotation(db, actor, station.id, secret);
  if (before === undefined)
    throw new ProblemError('rotation-pending', {
      detail: {
        pt: 'O carregador ainda não se reconectou desde a última troca de senha: não se sabe qual das duas ele tem.',
        en: 'The charger has not connected again since its last new password: which of the two it holds is not known.',
      },
    });
  const drop = () => dropRotation(db, actor, station.id, secret, before);
  let sent: Dispatched;
  try {
    sent = await dispatch(gateway, station, action, payload, timeoutMs);
  } catch (error) {
    if (!mayHaveArrived(error)) await drop();
    throw withoutWords(error);
  }
  const { messageId, latencyMs, response } = sent;
  const result = statusOf(action, response, PASSWORD);
  if (result !== undefined && !isAccepted(result)) {
    await drop();
    throw new ProblemError('command-rejected', { extra: { message_id: messageId, response: { status: result } } });
  }
  return { messageId, latencyMs, result };
}
