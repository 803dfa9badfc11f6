/**
 * Commands whose answer comes later, in messages of their own: each has a number, and what comes under it is gathered
 * (store, `station_request`). The note is made before the command leaves: a report may be faster than the answer.
 */
import { redactPayload } from '@sigec/ocpp';
import { createRequest, linkRequest, nextRequestId, settleRequest } from '@sigec/store';
import { ProblemError } from '../problem.js';
import { mayHaveArrived, versionOf } from './dispatch.js';
import type { CommandContext, Effect, Payload } from './effect.js';

/** Those of 1.6 that carry no number on the wire are followed by ours all the same. */
const UNNUMBERED = ['GetDiagnostics'];

/** Actions of all versions that ask for something which comes later. */
export const REQUEST_ACTIONS: readonly string[] = [
  'CustomerInformation',
  'GetBaseReport',
  'GetChargingProfiles',
  'GetDERControl',
  'GetDisplayMessages',
  'GetLog',
  'GetMonitoringReport',
  'GetReport',
  'PublishFirmware',
  'SignedUpdateFirmware',
  'UpdateFirmware',
  ...UNNUMBERED,
];

/** What the charger answered, where that is a no. Whatever is unknown is a yes: the report will tell. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['Rejected', 'NotSupported', 'EmptyResultSet', 'NoProfiles', 'Unknown', 'NotFound', 'Invalid'],
  ...['InvalidCertificate', 'RevokedCertificate', 'DownloadOngoing'],
]);

/** Whether the charger said no to a request. */
export const isRefused = (status: unknown): boolean => typeof status === 'string' && REFUSALS.has(status);

const isNumbered = (action: string, version: string | null): boolean =>
  !UNNUMBERED.includes(action) && !(action === 'UpdateFirmware' && version === 'ocpp1.6');

/** The note that was made of a command, for effects that begin after {@link tracked}. */
export interface Noted {
  /** `station_request.id`. */
  readonly id: number;
  readonly requestId: number;
}

const NOTED = new WeakMap<CommandContext, Noted>();

export function notedOf(context: CommandContext): Noted {
  const noted = NOTED.get(context);
  if (noted === undefined) throw new Error(`${context.action} is no request that is followed`);
  return noted;
}

/** A payload as it may be kept: without passwords, and without links that open something. */
export function withoutSecrets({ action, station }: CommandContext, payload: Payload): Payload {
  return JSON.parse(redactPayload(versionOf(station), action, JSON.stringify(payload))) as Payload;
}

export const tracked: Effect = {
  async fill({ services: { db }, station, action }, payload) {
    if (payload.requestId !== undefined || !isNumbered(action, station.ocppVersion)) return payload;
    return { ...payload, requestId: await nextRequestId(db) };
  },

  async begin(context, payload) {
    const { services, actor, station, action, commandId } = context;
    const { db } = services;
    const requestId = typeof payload.requestId === 'number' ? payload.requestId : await nextRequestId(db);
    const kept = withoutSecrets(context, payload);
    const made = await createRequest(db, actor, { stationId: station.id, action, requestId, payload: kept });
    if (made === undefined) {
      const errors = [{ field: 'requestId', message: 'was used before; leave it out, and a fresh one is taken' }];
      throw new ProblemError('validation', { errors });
    }
    NOTED.set(context, { id: made, requestId });
    if (commandId !== undefined) await linkRequest(db, commandId, made, requestId);
    return {
      async answered({ response }) {
        const status = typeof response.status === 'string' ? response.status : null;
        await settleRequest(db, made, isRefused(status) ? 'rejected' : 'accepted', status);
        return { request_id: requestId };
      },
      async failed(error) {
        // Where it may have arrived its report may come yet; what never comes expires.
        if (!mayHaveArrived(error))
          await settleRequest(db, made, 'failed', error instanceof ProblemError ? error.code : null);
      },
    };
  },
};
