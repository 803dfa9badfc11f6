/**
 * Commands whose answer comes later, in messages of their own: each has a number, and what comes under it is gathered
 * (store, `station_request`). The note is made before the command leaves: a report may be faster than the answer.
 */
import { createRequest, nextRequestId, settleRequest } from '@sigec/store';
import { ProblemError } from '../problem.js';
import { mayHaveArrived } from './dispatch.js';
import type { Effect } from './effect.js';

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

const isNumbered = (action: string, version: string | null): boolean =>
  !UNNUMBERED.includes(action) && !(action === 'UpdateFirmware' && version === 'ocpp1.6');

export const tracked: Effect = {
  async fill({ services: { db }, station, action }, payload) {
    if (payload.requestId !== undefined || !isNumbered(action, station.ocppVersion)) return payload;
    return { ...payload, requestId: await nextRequestId(db) };
  },

  async begin({ services: { db }, actor, station, action }, payload) {
    const requestId = typeof payload.requestId === 'number' ? payload.requestId : await nextRequestId(db);
    const made = await createRequest(db, actor, { stationId: station.id, action, requestId, payload });
    if (made === undefined) {
      const errors = [{ field: 'requestId', message: 'was used before; leave it out, and a fresh one is taken' }];
      throw new ProblemError('validation', { errors });
    }
    return {
      async answered({ response }) {
        const status = typeof response.status === 'string' ? response.status : null;
        const refused = status !== null && REFUSALS.has(status);
        await settleRequest(db, made, refused ? 'rejected' : 'accepted', status);
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
