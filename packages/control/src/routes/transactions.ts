/** Transactions: started and stopped from afar, read. */
import { createRoute, type z } from '@hono/zod-openapi';
import { EMPTY_REGISTER } from '@sigec/domain';
import {
  type Actor,
  attends,
  findConnectPlace,
  findIdToken,
  getTransaction,
  getTransactionDetail,
  getTransactionRegister,
  isShownToDrivers,
  listTransactions,
  type TransactionDetailRow,
  type TransactionView,
} from '@sigec/store';
import { permissionsHeld } from '../auth/callers.js';
import { startTransaction, stopTransaction } from '../command/remote-transaction.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, problems, SECURED, TimeoutQuery } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/transaction.js';
import type { App } from './application.js';

const tags = ['transactions'];
const security = SECURED;

const start = createRoute({
  method: 'post',
  path: '/api/v1/transactions/start',
  tags,
  security,
  summary: 'Start charging',
  description:
    'Asks the charger to start and waits until it reports the transaction. 202 where it accepted and nothing has ' +
    'begun in time, for example because no cable is plugged in yet. Drivers name a device that is shown to them, or the code ' +
    'on any.',
  request: { query: TimeoutQuery, body: body(wire.StartBody) },
  responses: {
    201: json('The transaction began.', wire.Transaction),
    202: json('Accepted; not begun yet.', wire.StartPending),
    ...problems(400, 401, 403, 404, 409, 415, 422, 429, 502, 503, 504),
  },
});

const stop = createRoute({
  method: 'post',
  path: '/api/v1/transactions/{id}/stop',
  tags,
  security,
  summary: 'Stop charging',
  description: 'Asks the charger to stop and waits until the transaction has ended. One that has ended is given again.',
  request: { params: IdParam, query: TimeoutQuery },
  responses: {
    200: json('Ended.', wire.StopAnswer),
    202: json('Accepted; still running.', wire.StopAnswer),
    ...problems(400, 401, 403, 404, 409, 429, 502, 503, 504),
  },
});

const active = createRoute({
  method: 'get',
  path: '/api/v1/transactions/active',
  tags,
  security,
  summary: 'Transactions that run',
  request: { query: wire.ActiveQuery },
  responses: { 200: json('The newest first.', wire.TransactionList), ...problems(400, 401, 403, 503) },
});

const history = createRoute({
  method: 'get',
  path: '/api/v1/transactions/history',
  tags,
  security,
  summary: 'All transactions, running or ended',
  description: 'A driver sees their own, an operator those of the tenant.',
  request: { query: wire.HistoryQuery },
  responses: { 200: json('The newest first.', wire.TransactionList), ...problems(400, 401, 403, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/transactions/{id}',
  tags,
  security,
  summary: 'One transaction',
  request: { params: IdParam },
  responses: { 200: json('The transaction.', wire.TransactionWhole), ...problems(400, 401, 403, 404, 503) },
});

const unknown = (field: string) => new ProblemError('not-found', { errors: [{ field, message: 'is not known' }] });

export function transactionRoutes(app: App, services: Services): void {
  const { db, config, stations } = services;
  const timeoutMs = (seconds: number | undefined) => (seconds === undefined ? config.commandTimeoutMs : seconds * 1000);

  const requireTransaction = async (actor: Actor, id: number): Promise<TransactionView> => {
    const found = await getTransaction(db, actor, id);
    if (!found) throw new ProblemError('not-found');
    return found;
  };

  /** What was named: a code on a station, or the station itself. */
  const placeOf = async (actor: Actor, { code, device_id = 0, evse_id = 0 }: z.infer<typeof wire.StartBody>) => {
    if (code === undefined) {
      // To drivers a station that is not published is one that is not there, unless they stand before it or attend it.
      const hidden = actor.role === 'user' && !(await isShownToDrivers(db, actor, device_id));
      if (hidden && !(await attends(db, actor, device_id))) throw unknown('device_id');
      return { stationId: device_id, evseId: evse_id };
    }
    const place = await findConnectPlace(db, code, actor.tenantId);
    if (place === undefined) throw unknown('code');
    return place;
  };

  /** Whose card stopped it is told to who sees everybody's charging there, or has that card. */
  const shownOf = async (actor: Actor, stationId: number, detail: TransactionDetailRow | undefined) => {
    const { stopToken = null } = detail ?? {};
    if (detail === undefined || stopToken === null || permissionsHeld(actor).has('transactions:read')) return detail;
    const theirs = (await findIdToken(db, actor, stopToken))?.userId === actor.userId;
    return theirs || (await attends(db, actor, stationId)) ? detail : { ...detail, stopToken: null };
  };

  app.openapi(start, async (c) => {
    const given = c.req.valid('json');
    const { stationId, evseId } = await placeOf(c.get('actor'), given);
    const station = await stations.load(c.get('actor'), stationId);
    if (!station) throw unknown('device_id');
    const begun = await startTransaction(services, c.get('actor'), station, {
      evseId,
      idToken: given.id_token,
      timeoutMs: timeoutMs(c.req.valid('query').timeout),
      gone: c.req.raw.signal,
    });
    if (!begun) return answer(c, { id: null, status: 'accepted' as const }, 202);
    return answer(c, wire.toTransaction(begun), 201, { location: `/api/v1/transactions/${begun.id}` });
  });

  app.openapi(active, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, device_id } = c.req.valid('query');
    const before = readIdCursor('active', cursor);
    const page = await listTransactions(db, c.get('actor'), {
      active: true,
      limit,
      ...(device_id === undefined ? {} : { stationId: device_id }),
      ...(before === undefined ? {} : { before }),
    });
    return answer(
      c,
      listAnswer(page, 'active', ({ id }) => [id], wire.toTransaction),
      200,
    );
  });

  app.openapi(history, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, device_id, user, from, to } = c.req.valid('query');
    const before = readIdCursor('history', cursor);
    const page = await listTransactions(db, c.get('actor'), {
      limit,
      ...(device_id === undefined ? {} : { stationId: device_id }),
      ...(user === undefined ? {} : { userId: user }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(before === undefined ? {} : { before }),
    });
    return answer(
      c,
      listAnswer(page, 'history', ({ id }) => [id], wire.toTransaction),
      200,
    );
  });

  app.openapi(get, async (c) => {
    const actor = c.get('actor');
    const found = await requireTransaction(actor, c.req.valid('param').id);
    const [detail, register] = await Promise.all([
      getTransactionDetail(db, actor, found.id),
      getTransactionRegister(db, actor, found.id),
    ]);
    return answer(
      c,
      wire.toWhole(found, await shownOf(actor, found.stationId, detail), { ...EMPTY_REGISTER, ...register }),
      200,
    );
  });

  app.openapi(stop, async (c) => {
    const running = await requireTransaction(c.get('actor'), c.req.valid('param').id);
    const station = await stations.load(c.get('actor'), running.stationId);
    if (!station) throw new ProblemError('not-found');
    const after = await stopTransaction(services, c.get('actor'), station, running, {
      timeoutMs: timeoutMs(c.req.valid('query').timeout),
      gone: c.req.raw.signal,
    });
    return answer(c, wire.toStopAnswer(after), after.endedAt === null ? 202 : 200);
  });
}
