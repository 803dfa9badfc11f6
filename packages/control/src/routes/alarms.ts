/** Alarms and their rules. */
import { createRoute } from '@hono/zod-openapi';
import type { AlarmAction } from '@sigec/domain';
import {
  type Actor,
  actOnAlarm,
  alarmHistory,
  getAlarm,
  listAlarmRules,
  listAlarms,
  replaceAlarmRules,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import * as wire from '../wire/alarm.js';
import { AlarmRules, AlarmRulesBody, toAlarmRule } from '../wire/alarm-rule.js';
import { body, DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import type { App } from './application.js';

const common = { tags: ['alarms'], security: SECURED };

const list = createRoute({
  method: 'get',
  path: '/api/v1/alarms',
  ...common,
  summary: 'Alarms',
  description: 'What is or was wrong with devices. `state=open` is what nobody has seen to.',
  request: { query: wire.AlarmQuery },
  responses: { 200: json('Newest first.', wire.AlarmList), ...problems(400, 401, 403, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/alarms/{id}',
  ...common,
  summary: 'An alarm, and what became of it',
  request: { params: IdParam },
  responses: { 200: json('As it stands.', wire.AlarmDetail), ...problems(400, 401, 403, 404, 503) },
});

const acted = {
  200: json('As it stands.', wire.AlarmDetail),
  ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
};

const acknowledge = createRoute({
  method: 'post',
  path: '/api/v1/alarms/{id}/acknowledge',
  ...common,
  summary: 'Say that somebody sees to an alarm',
  description: 'It stays so until it is over. Acknowledged twice is once.',
  request: { params: IdParam, body: body(wire.AlarmOrderBody) },
  responses: acted,
});

const snooze = createRoute({
  method: 'post',
  path: '/api/v1/alarms/{id}/snooze',
  ...common,
  summary: 'Put an alarm off',
  description: 'It is open again at that time, unless it is over by then. Exactly one of `until` and `minutes`.',
  request: { params: IdParam, body: body(wire.AlarmSnoozeBody) },
  responses: acted,
});

const resolve = createRoute({
  method: 'post',
  path: '/api/v1/alarms/{id}/resolve',
  ...common,
  summary: 'Say that an alarm is over',
  description:
    'Alarms are over by themselves when their cause is gone. One that is resolved while its cause stands is not raised by ' +
    'that cause again; another cause of the same thing, or the same one once it was gone, raises it.',
  request: { params: IdParam, body: body(wire.AlarmOrderBody) },
  responses: acted,
});

const rules = createRoute({
  method: 'get',
  path: '/api/v1/alarm-rules',
  ...common,
  summary: 'What is watched, and how',
  responses: { 200: json('Every kind, as it holds.', AlarmRules), ...problems(401, 403, 503) },
});

const putRules = createRoute({
  method: 'put',
  path: '/api/v1/alarm-rules',
  ...common,
  summary: 'Change what is watched',
  description: 'Takes the place of all that was set; kinds that are left out are as without it.',
  request: { body: body(AlarmRulesBody) },
  responses: { 200: json('Every kind, as it holds.', AlarmRules), ...problems(400, 401, 403, 413, 415, 422, 503) },
});

interface Order {
  readonly comment?: string | null | undefined;
  readonly until?: Date | null;
}

export function alarmRoutes(app: App, { db, logger }: Services): void {
  const detail = async (actor: Actor, id: number) => {
    const alarm = await getAlarm(db, actor, id);
    if (alarm === undefined) throw new ProblemError('not-found');
    return wire.toAlarmDetail(alarm, await alarmHistory(db, actor, id));
  };

  const act = async (actor: Actor, id: number, action: AlarmAction, { comment = null, until = null }: Order) => {
    const done = await actOnAlarm(db, actor, id, { action, comment, until });
    const alarm = await detail(actor, id);
    if (!done && !(action === 'acknowledge' && alarm.state === 'acknowledged'))
      throw new ProblemError('alarm-state', { extra: { state: alarm.state } });
    if (done) logger.info({ alarm: id, action, by: actor.userId }, 'an operator saw to an alarm');
    return alarm;
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, state, kind, severity, device_id, since } = c.req.valid('query');
    const before = readIdCursor('alarms', cursor);
    const page = await listAlarms(db, c.get('actor'), {
      limit,
      ...(state === undefined ? {} : { states: state }),
      ...(kind === undefined ? {} : { kind }),
      ...(severity === undefined ? {} : { severity }),
      ...(device_id === undefined ? {} : { stationId: device_id }),
      ...(since === undefined ? {} : { since }),
      ...(before === undefined ? {} : { before }),
    });
    return answer(
      c,
      listAnswer(page, 'alarms', (row) => [row.id], wire.toAlarm),
      200,
    );
  });

  app.openapi(get, async (c) => answer(c, await detail(c.get('actor'), c.req.valid('param').id), 200));

  app.openapi(acknowledge, async (c) => {
    const { comment } = c.req.valid('json');
    return answer(c, await act(c.get('actor'), c.req.valid('param').id, 'acknowledge', { comment }), 200);
  });

  app.openapi(snooze, async (c) => {
    const order = c.req.valid('json');
    const { comment } = order;
    const until = wire.snoozeEnd(order);
    return answer(c, await act(c.get('actor'), c.req.valid('param').id, 'snooze', { comment, until }), 200);
  });

  app.openapi(resolve, async (c) => {
    const { comment } = c.req.valid('json');
    return answer(c, await act(c.get('actor'), c.req.valid('param').id, 'resolve', { comment }), 200);
  });

  const effective = async (actor: Actor) => ({ items: (await listAlarmRules(db, actor)).map(toAlarmRule) });

  app.openapi(rules, async (c) => answer(c, await effective(c.get('actor')), 200));

  app.openapi(putRules, async (c) => {
    const actor = c.get('actor');
    const wanted = c.req.valid('json').items.map(({ kind, enabled, severity, parameters }) => ({
      kind,
      ...(enabled === undefined ? {} : { enabled }),
      ...(severity === undefined ? {} : { severity }),
      ...(parameters === undefined ? {} : { parameters }),
    }));
    await replaceAlarmRules(db, actor, wanted);
    logger.info({ by: actor.userId, kinds: wanted.map(({ kind }) => kind) }, 'the rules of alarms were changed');
    return answer(c, await effective(actor), 200);
  });
}
