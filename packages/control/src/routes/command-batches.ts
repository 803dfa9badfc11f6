/** Commands to many stations: made, followed, held, ended, tried again. */
import { createRoute } from '@hono/zod-openapi';
import {
  type Actor,
  type BatchRow,
  batchCounts,
  cancelBatch,
  createBatch,
  type Database,
  getBatch,
  listBatches,
  MAX_BATCH,
  pauseBatch,
  resumeBatch,
  retryFailed,
} from '@sigec/store';
import { checkWish, unnumbered } from '../command/enqueue.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import * as wire from '../wire/command-queue.js';
import { body, DEFAULT_LIMIT, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import type { App } from './application.js';
import { answerCommands } from './command-pages.js';

const tags = ['command queue'];
const security = SECURED;

const create = createRoute({
  method: 'post',
  path: '/api/v1/command-batches',
  tags,
  security,
  summary: 'Command many devices',
  description:
    'An action or a verb for each device that the filter finds now, their turns spread by the rate. A device that is ' +
    'offline gets its command when it is back. A command whose work takes longer (firmware, reports) is `running` until ' +
    'that has ended, and tried again with a fresh request where it failed and attempts are left.',
  request: { body: body(wire.NewBatch) },
  responses: { 202: json('Begun.', wire.Batch), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/command-batches',
  tags,
  security,
  summary: 'Commands to many devices',
  description: '`counts` are as last counted, some seconds ago.',
  request: { query: PageQuery },
  responses: { 200: json('Newest first.', wire.BatchList), ...problems(400, 401, 403, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/command-batches/{batch_id}',
  tags,
  security,
  summary: 'How far a batch is',
  request: { params: wire.BatchIdParam },
  responses: { 200: json('As it stands.', wire.Batch), ...problems(400, 401, 403, 404, 503) },
});

const commands = createRoute({
  method: 'get',
  path: '/api/v1/command-batches/{batch_id}/commands',
  tags,
  security,
  summary: 'What became of a batch, device by device',
  request: { params: wire.BatchIdParam, query: wire.BatchCommandsQuery },
  responses: { 200: json('Newest first.', wire.QueuedCommandList), ...problems(400, 401, 403, 404, 503) },
});

const change = <const P extends string>(name: P, summary: string, description: string) =>
  createRoute({
    method: 'post',
    path: `/api/v1/command-batches/{batch_id}/${name}`,
    tags,
    security,
    summary,
    description,
    request: { params: wire.BatchIdParam },
    responses: { 200: json('As it stands now.', wire.Batch), ...problems(400, 401, 403, 404, 409, 503) },
  });

const pause = change('pause', 'Hold a batch', 'Nothing more goes out; what is under way ends.');
const resume = change('resume', 'Go on with a batch', 'Turns keep their distance. `stop_after_failures` counts anew.');
const cancel = change(
  'cancel',
  'End a batch',
  'What waits is cancelled; what is under way ends, and is not tried again.',
);
const retry = change(
  'retry-failed',
  'Try again what failed',
  'All that was refused, failed or expired, with fresh attempts.',
);

async function requireBatch(db: Database, actor: Actor, id: number): Promise<BatchRow> {
  const batch = await getBatch(db, actor, id);
  if (batch === undefined) throw new ProblemError('not-found');
  return batch;
}

export function commandBatchRoutes(app: App, services: Services): void {
  const { db, config } = services;

  const show = async (actor: Actor, id: number) =>
    wire.toBatch(await requireBatch(db, actor, id), await batchCounts(db, id));

  app.openapi(create, async (c) => {
    const actor = c.get('actor');
    const { action = null, verb = null, payload, filter, rate, timeout_s, ...given } = c.req.valid('json');
    const wish = unnumbered({ action, verb, payload });
    await checkWish(db, actor, wish);
    const made = await createBatch(db, actor, {
      ...wish,
      filter: wire.toFilter(filter),
      shown: wire.shownFilter(filter),
      intervalMs: wire.intervalOf(rate),
      expiresInS: given.expires_in_s,
      timeoutMs: timeout_s === undefined ? config.commandTimeoutMs : timeout_s * 1000,
      maxAttempts: given.max_attempts,
      retryDelayS: given.retry_delay_s,
      retryUnknown: given.retry_unknown,
      stopAfterFailures: given.stop_after_failures ?? null,
    });
    if ('found' in made) {
      const message = made.found === 0 ? 'finds no device' : `finds more than ${MAX_BATCH} devices`;
      throw new ProblemError('validation', { errors: [{ field: 'filter', message }] });
    }
    return answer(c, await show(actor, made.id), 202, { location: `/api/v1/command-batches/${made.id}` });
  });

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('batches', cursor);
    const page = await listBatches(db, c.get('actor'), { limit, ...(before === undefined ? {} : { before }) });
    return answer(
      c,
      listAnswer(
        page,
        'batches',
        ({ id }) => [id],
        (row) => wire.toBatch(row, row.progress),
      ),
      200,
    );
  });

  app.openapi(get, async (c) => answer(c, await show(c.get('actor'), c.req.valid('param').batch_id), 200));

  app.openapi(commands, async (c) => {
    const batchId = c.req.valid('param').batch_id;
    await requireBatch(db, c.get('actor'), batchId);
    const { state, ...page } = c.req.valid('query');
    const filter = state === undefined ? { batchId } : { batchId, state };
    return answerCommands(c, services, 'batch-commands', filter, page);
  });

  const changes = [
    [pause, pauseBatch],
    [resume, resumeBatch],
    [cancel, cancelBatch],
    [retry, async (store: Database, actor: Actor, id: number) => (await retryFailed(store, actor, id)) !== undefined],
  ] as const;
  for (const [route, move] of changes)
    app.openapi(route, async (c) => {
      const actor = c.get('actor');
      const id = c.req.valid('param').batch_id;
      const { state } = await requireBatch(db, actor, id);
      if (!(await move(db, actor, id))) throw new ProblemError('batch-state', { extra: { state } });
      return answer(c, await show(actor, id), 200);
    });
}
