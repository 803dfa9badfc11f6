/** Starts and stops charging without waiting for the transaction, as `/transactions/start` does. 1.6 sections 5.11, 5.12; 2.x F02, F03. */
import { randomInt } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { getTransaction } from '@sigec/store';
import { ProblemError } from '../../problem.js';
import { IdField } from '../../wire/common.js';
import { type StartToken, startCommand, stopCommand, tokenFor } from '../remote-transaction.js';
import { defineVerb, EvseId, wanted } from './verb.js';

export interface StartFound {
  readonly token: StartToken;
  readonly remoteStartId: number;
}

export const start = defineVerb({
  name: 'start',
  summary: 'Start charging, without waiting for the transaction',
  becomes: 'RemoteStartTransaction or RequestStartTransaction. Without `id_token`: the token of whoever asks.',
  body: z.strictObject({ evse_id: EvseId, id_token: z.string().min(1).max(255).optional() }),
  lookup: async ({ services, actor, station }, { id_token }): Promise<StartFound> => ({
    token: await tokenFor(services, actor, id_token, station.id),
    remoteStartId: randomInt(1, 2 ** 31),
  }),
  plan: (version, _station, { evse_id: evseId }, { token, remoteStartId }) =>
    startCommand(version, evseId, token, remoteStartId),
});

export const stop = defineVerb({
  name: 'stop',
  summary: 'Stop charging, without waiting for the transaction',
  becomes: 'RemoteStopTransaction or RequestStopTransaction.',
  body: z.strictObject({ transaction_id: IdField }),
  async lookup({ services, actor, station }, { transaction_id: id }) {
    const transaction = await getTransaction(services.db, actor, id);
    if (transaction?.stationId !== station.id) throw wanted('transaction_id', 'is none of this device');
    if (transaction.endedAt === null) return transaction.ocppTransactionId;
    const detail = { pt: 'A transação já terminou.', en: 'The transaction has ended.' };
    throw new ProblemError('stop-rejected', { detail });
  },
  plan: (version, _station, _body, ocppTransactionId) => stopCommand(version, ocppTransactionId),
});
