/** Live updates over HTTP: Server-Sent Events, and the address of the WebSocket for those who come without an upgrade. */
import { createRoute } from '@hono/zod-openapi';
import type { Services } from '../context.js';
import { answerWith } from '../http/answer.js';
import { loggable, rootOf } from '../http/failures.js';
import { LIVE_CLOSE } from '../live/codes.js';
import type { Position } from '../live/position.js';
import { readPosition } from '../live/position.js';
import { StreamOutlet } from '../live/stream-outlet.js';
import { admit } from '../live/token.js';
import { LIVE_PATH } from '../live/upgrades.js';
import { checkWish } from '../live/wish.js';
import { ProblemError } from '../problem.js';
import { problems, SECURED } from '../wire/common.js';
import { StreamQuery } from '../wire/live.js';
import type { App } from './application.js';

const stream = createRoute({
  method: 'get',
  path: '/api/v1/events/stream',
  tags: ['live updates'],
  security: SECURED,
  summary: 'Live updates as Server-Sent Events',
  description:
    'Events as they happen, each with its position as `id`; with `Last-Event-ID` it goes on behind that, without a gap. ' +
    'An event named `gap` says that the stream does not keep all of it any more, one named `close` why the answer ends ' +
    '(docs/live-updates.md). Drivers are told of their own transactions, and of published stations; ' +
    'with grants, also of the stations that these lead to, as far as their sets go; an API key of the topics that its ' +
    'scopes reach.',
  request: { query: StreamQuery },
  responses: {
    200: { description: 'Goes on until either side ends it.', content: { 'text/event-stream': {} } },
    ...problems(400, 401, 403, 404, 422, 503),
  },
});

const socket = createRoute({
  method: 'get',
  path: LIVE_PATH,
  tags: ['live updates'],
  summary: 'Live updates as a WebSocket',
  description:
    'The token, or an API key, goes into the first message, or into a subprotocol `bearer.<token>` beside `sigec.v1`; never into the ' +
    'address. The messages are described in docs/live-updates.md.',
  responses: { 101: { description: 'The socket is open.' }, ...problems(400, 426, 503) },
});

/** Where the client resumes. Its header wins: browsers send it by themselves when they come back. */
function resumeAt(header: string | undefined, after: Position | undefined): Position | undefined {
  if (header === undefined || header === '') return after;
  const read = readPosition(header);
  if (read !== undefined) return read;
  throw new ProblemError('invalid-parameter', {
    errors: [{ field: 'Last-Event-ID', message: 'must be a position that was told with an event' }],
  });
}

export function liveRoutes(app: App, services: Services): void {
  const { db, live, logger, callers } = services;

  app.openapi(stream, async (c) => {
    const { topics, device_ids: deviceIds, site_ids: siteIds, after, seconds } = c.req.valid('query');
    const from = resumeAt(c.req.header('last-event-id'), after);
    const actor = c.get('actor');
    const wish = await checkWish(db, actor, { topics, deviceIds, siteIds });
    const answerOf = (content: ReadableStream<Uint8Array> | null) =>
      answerWith(c, content, 200, 'text/event-stream; charset=utf-8', { 'x-accel-buffering': 'no' });
    // Whoever asks for headers alone reads nothing: what was opened for them would never end.
    if (c.req.method === 'HEAD') return answerOf(null);
    const admission = await admit(callers, c.req.header('authorization') ?? '');
    if (admission === undefined) throw new ProblemError('unauthorized');
    if (!live.hasRoom(actor)) throw new ProblemError('too-many-requests');
    const outlet = new StreamOutlet(() => connection.gone(LIVE_CLOSE.goingAway));
    const session = live.open(admission, outlet);
    const { connection } = session;
    try {
      const prepared = await session.prepare('stream', actor, wish);
      if (prepared === undefined) throw new ProblemError('overloaded');
      const ran = connection.run(prepared, from).catch((error: unknown) => {
        logger.warn(loggable(rootOf(error)), 'live: what was missed could not be read');
        connection.end(LIVE_CLOSE.tryLater, 'try later');
      });
      if (seconds !== undefined) void ran.then(() => session.endAfter(seconds * 1000));
    } catch (error) {
      connection.gone(LIVE_CLOSE.tryLater);
      throw error;
    }
    return answerOf(outlet.body);
  });

  app.openapi(socket, () => {
    throw new ProblemError('upgrade-required', { headers: { upgrade: 'websocket', connection: 'Upgrade' } });
  });
}
