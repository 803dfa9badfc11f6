/**
 * GetLog and GetDiagnostics: where whoever asks names no place, the log comes to us. The address that the charger is given
 * opens one upload; it goes to the charger alone, and what is kept of it is its hash.
 */
import { closeLogUpload, createLogUpload, nameLogUpload, supersedeRequests } from '@sigec/store';
import { cleanName } from '../../files/give.js';
import { baseUrl, newUploadToken, type UploadToken } from '../../files/token.js';
import { mayHaveArrived } from '../dispatch.js';
import type { CommandContext, Effect, Payload } from '../effect.js';
import { notedOf, withoutSecrets } from '../requests.js';

/** A charger on a slow line that tries again and again. */
const LIFETIME_MS = 12 * 3_600_000;

const TOKENS = new WeakMap<CommandContext, UploadToken>();

function newUrl(context: CommandContext, field: string): string {
  const base = baseUrl(context.services.config, field);
  const token = newUploadToken();
  TOKENS.set(context, token);
  return `${base}/uploads/${token.token}`;
}

const isObject = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Place {
  readonly fill: (context: CommandContext, payload: Payload) => Payload;
  readonly logType: (payload: Payload) => string;
  readonly locationOf: (payload: Payload) => unknown;
  readonly nameOf: (response: Payload) => unknown;
}

function upload({ fill, logType, locationOf, nameOf }: Place): Effect {
  return {
    async fill(context, payload) {
      return fill(context, payload);
    },
    async begin(context, payload) {
      const { services, actor, station, action } = context;
      const { db } = services;
      const { id: request } = notedOf(context);
      const made = TOKENS.get(context);
      const token = made === undefined ? null : { hash: made.hash, lifetimeMs: LIFETIME_MS };
      const location = made === undefined ? String(locationOf(withoutSecrets(context, payload))) : null;
      const id = await createLogUpload(db, actor, {
        ...{ stationId: station.id, request, logType: logType(payload), location, token },
      });
      return {
        async answered({ response }) {
          const { status } = response;
          const refused = status !== undefined && status !== 'Accepted' && status !== 'AcceptedCanceled';
          if (refused) await closeLogUpload(db, id);
          const name = nameOf(response);
          if (typeof name === 'string' && name !== '') await nameLogUpload(db, id, cleanName(name, 'log'));
          // N01: the charger gave up the upload before; GetDiagnostics has no word for it, and its reports no number.
          if (status === 'AcceptedCanceled' || (action === 'GetDiagnostics' && name !== undefined))
            await supersedeRequests(db, station.id, [action], request);
          return { upload_id: String(id) };
        },
        async failed(error) {
          if (!mayHaveArrived(error)) await closeLogUpload(db, id);
        },
      };
    },
  };
}

/** 1.6 white paper section 5.7, 2.x N01. */
export const log: Effect = upload({
  fill(context, payload) {
    if (payload.log !== undefined && !isObject(payload.log)) return payload;
    if (payload.log?.remoteLocation !== undefined) return payload;
    return { ...payload, log: { ...payload.log, remoteLocation: newUrl(context, 'log.remoteLocation') } };
  },
  logType: ({ logType }) => String(logType),
  locationOf: ({ log }) => (isObject(log) ? log.remoteLocation : ''),
  nameOf: ({ filename }) => filename,
});

/** 1.6 section 6.23. */
export const diagnostics: Effect = upload({
  fill(context, payload) {
    return payload.location === undefined ? { ...payload, location: newUrl(context, 'location') } : payload;
  },
  logType: () => 'Diagnostics',
  locationOf: ({ location }) => location,
  nameOf: ({ fileName }) => fileName,
});
