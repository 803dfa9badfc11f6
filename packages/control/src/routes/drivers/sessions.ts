/** A driver's own sessions, as they run and as they were, and receipts. */
import { createRoute } from '@hono/zod-openapi';
import { getTransaction, listTransactions, livePower } from '@sigec/store';
import type { Services } from '../../context.js';
import { receiptOf } from '../../driver/receipt.js';
import { answer } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../../wire/common.js';
import { listAnswer, readIdCursor } from '../../wire/cursor.js';
import { Receipt, toReceipt } from '../../wire/receipt.js';
import * as wire from '../../wire/transaction.js';
import type { App } from '../application.js';

const tags = ['driver'];
const security = SECURED;

const mine = createRoute({
  method: 'get',
  path: '/api/v1/me/transactions',
  tags,
  security,
  summary: 'My charging',
  description: 'Those that run with what they draw now; `cost` is what they come to so far.',
  request: { query: wire.MyTransactionsQuery },
  responses: { 200: json('The newest first.', wire.MyTransactionList), ...problems(400, 401, 403, 503) },
});

const receipt = createRoute({
  method: 'get',
  path: '/api/v1/transactions/{id}/receipt',
  tags,
  security,
  summary: 'The receipt of a session that has ended',
  description: 'Made, with its number, when it is asked for first; after that it is what it was.',
  request: { params: IdParam },
  responses: { 200: json('The receipt.', Receipt), ...problems(400, 401, 403, 404, 409, 503) },
});

export function sessionRoutes(app: App, services: Services): void {
  const { db } = services;

  app.openapi(mine, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT, active } = c.req.valid('query');
    const before = readIdCursor('my-transactions', cursor);
    const page = await listTransactions(db, actor, {
      ...{ userId: actor.userId, limit },
      ...(active === undefined ? {} : { active: active === 'true' }),
      ...(before === undefined ? {} : { before }),
    });
    const running = page.items.filter(({ endedAt }) => endedAt === null).map(({ id }) => id);
    const power = await livePower(db, running);
    return answer(
      c,
      listAnswer(
        page,
        'my-transactions',
        ({ id }) => [id],
        (row) => wire.toMyTransaction(row, power.get(row.id)),
      ),
      200,
    );
  });

  app.openapi(receipt, async (c) => {
    const actor = c.get('actor');
    const transaction = await getTransaction(db, actor, c.req.valid('param').id);
    if (transaction === undefined) throw new ProblemError('not-found');
    return answer(c, toReceipt(await receiptOf(services, actor, transaction)), 200);
  });
}
