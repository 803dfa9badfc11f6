/** What belongs to commands of tokens and their groups, local lists, reservations, and to those that ask of a transaction. */
import {
  createReservation,
  findIdToken,
  getLocalList,
  getReservation,
  moveReservation,
  nextReservationId,
  noteCacheCleared,
  noteDataTransfer,
  noteTransactionStatus,
  putLocalList,
} from '@sigec/store';
import { itself } from '../../background/job.js';
import { ProblemError } from '../../problem.js';
import { mayHaveArrived } from '../dispatch.js';
import type { CommandContext, Effect, EffectRow, Payload } from '../effect.js';
import { wordOf } from '../setting.js';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const wholeOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) ? value : undefined;
const objectOf = (value: unknown): Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {};

/** What the reservation's number is called: 1.6 `reservationId`, 2.x `id`. */
const numberField = ({ station }: CommandContext): 'reservationId' | 'id' =>
  station.ocppVersion === 'ocpp1.6' ? 'reservationId' : 'id';

/** ReserveNow (1.6 5.13, 2.x H01): the number and the group are filled in, and the reservation is noted. */
const reserve: Effect = {
  async fill(context, payload) {
    const { services, actor } = context;
    const field = numberField(context);
    const filled =
      payload[field] === undefined ? { ...payload, [field]: await nextReservationId(services.db) } : payload;
    const is16 = field === 'reservationId';
    const value = is16 ? textOf(filled.idTag) : textOf(objectOf(filled.idToken).idToken);
    const told = is16 ? filled.parentIdTag : filled.groupIdToken;
    if (value === undefined || told !== undefined) return filled;
    // Whoever is of the token's group may use it too (1.6 5.13, 2.x H01.FR.19).
    const groupId = (await findIdToken(services.db, actor, value))?.groupId;
    if (!groupId) return filled;
    return is16
      ? { ...filled, parentIdTag: groupId.slice(0, 20) }
      : { ...filled, groupIdToken: { idToken: groupId, type: 'Central' } };
  },

  async begin(context, payload) {
    const { services, actor, station } = context;
    const is16 = numberField(context) === 'reservationId';
    const reservationId = wholeOf(payload[numberField(context)]) ?? 0;
    const connector = wholeOf(payload.connectorId) ?? 0;
    const group = is16 ? textOf(payload.parentIdTag) : textOf(objectOf(payload.groupIdToken).idToken);
    const made = await createReservation(services.db, actor, {
      stationId: station.id,
      reservationId,
      evseId: is16 ? (connector === 0 ? null : connector) : (wholeOf(payload.evseId) ?? null),
      connectorType: textOf(payload.connectorType) ?? null,
      idToken: (is16 ? textOf(payload.idTag) : textOf(objectOf(payload.idToken).idToken)) ?? '',
      groupId: group ?? null,
      expiresAt: new Date(String(is16 ? payload.expiryDate : payload.expiryDateTime)),
    });
    if (made === undefined) {
      const message = 'was used before; leave it out, and a fresh one is taken';
      throw new ProblemError('validation', { errors: [{ field: numberField(context), message }] });
    }
    return {
      async answered({ response }) {
        const status = wordOf(response.status) ?? null;
        // One that was used up before its answer was here stays used.
        await moveReservation(services.db, made, status === 'Accepted' ? 'active' : 'rejected', status, 'sent');
        return { reservation_id: reservationId };
      },
      async failed(error) {
        // Where it may have arrived the charger may hold it: it ends with its time.
        if (mayHaveArrived(error)) return;
        const code = error instanceof ProblemError ? error.code : null;
        await moveReservation(services.db, made, 'failed', code, 'sent');
      },
    };
  },
};

/** CancelReservation (1.6 5.2, 2.x H02). A charger that refuses has none of that number: it is gone either way. */
const cancel: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    const reservationId = wholeOf(payload.reservationId);
    const held = reservationId === undefined ? undefined : await getReservation(db, actor, station.id, reservationId);
    if (held === undefined) return undefined;
    return {
      async answered({ response }) {
        const status = wordOf(response.status) ?? null;
        await moveReservation(db, held.id, status === 'Accepted' ? 'cancelled' : 'removed', status);
        return undefined;
      },
    };
  },
};

/** ClearCache (1.6 5.4, 2.x C11): when it was done stands beside the station's list. */
const clearCache: Effect = {
  begin: async ({ services: { db }, actor, station }) => ({
    async answered({ response }) {
      if (response.status === 'Accepted') await noteCacheCleared(db, actor, station.id);
      return undefined;
    },
  }),
};

/** SendLocalList (1.6 5.15, 2.x D01): a list that somebody made by hand is none of ours, so ours is sent whole again. */
const foreignList: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    if (actor.userId === itself(actor.tenantId).userId) return undefined;
    const version = wholeOf(payload.listVersion) ?? wholeOf(payload.versionNumber);
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted' || version === undefined) return undefined;
        if ((await getLocalList(db, actor, station.id)) === undefined) return undefined;
        await putLocalList(db, actor, station.id, { version, tokensVersion: -1, state: 'unknown' });
        return undefined;
      },
    };
  },
};

/** GetTransactionStatus (2.x E14). */
const transactionStatus: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    const name = textOf(payload.transactionId);
    if (name === undefined) return undefined;
    return {
      async answered({ response }) {
        const ongoing = typeof response.ongoingIndicator === 'boolean' ? response.ongoingIndicator : null;
        const status = { ongoing, messagesQueued: response.messagesInQueue === true };
        const id = await noteTransactionStatus(db, actor, station.id, name, status);
        return id === undefined ? undefined : { transaction_id: String(id) };
      },
    };
  },
};

/** DataTransfer (1.6 5.5, 2.x P01). */
const transfer: Effect = {
  begin: async ({ services: { db, clock }, station }, payload) => ({
    async answered({ response }) {
      await noteDataTransfer(db, {
        stationId: station.id,
        direction: 'out',
        at: clock.now(),
        vendorId: String(payload.vendorId),
        messageId: textOf(payload.messageId) ?? null,
        data: payload.data,
        status: wordOf(response.status) ?? 'Unknown',
      });
      return undefined;
    },
  }),
};

export const AUTHORISATION_EFFECTS: readonly EffectRow[] = [
  [['ReserveNow'], reserve],
  [['CancelReservation'], cancel],
  [['ClearCache'], clearCache],
  [['SendLocalList'], foreignList],
  [['GetTransactionStatus'], transactionStatus],
  [['DataTransfer'], transfer],
];
