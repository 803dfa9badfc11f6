/** Routes of smart charging: profiles in one form for all versions, and the composite schedule beside what is expected. */
import { createRoute } from '@hono/zod-openapi';
import { type CompositePlace, compositeSchedule, type Dialect, schedulesAgree, writeProfile } from '@sigec/domain';
import {
  type Actor,
  chargingContext,
  getChargingProfile,
  getComposite,
  listChargingProfiles,
  type StationView,
} from '@sigec/store';
import { versionOf } from '../command/dispatch.js';
import { judgeProfile, readComposite } from '../command/effects/charging-profile.js';
import { perform } from '../command/perform.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import * as wire from '../wire/charging.js';
import { body, DEFAULT_LIMIT, IdParam, iso, json, problems, SECURED, TimeoutQuery } from '../wire/common.js';
import { listAnswer, readCursor } from '../wire/cursor.js';
import type { App } from './application.js';
import { chargingStateRoutes } from './charging-state.js';
import { requireStation } from './devices.js';

const tags = ['charging'];
const security = SECURED;
const COMMANDED = [400, 401, 403, 404, 409, 429, 502, 503, 504] as const;
/** With a body. */
const GIVEN = [413, 415, 422] as const;

const list = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/charging-profiles',
  tags,
  security,
  summary: 'Charging profiles that a device holds',
  description:
    'Those we have set and those it told of, as far as is known. GetChargingProfiles (2.x) brings them up to date.',
  request: { params: IdParam, query: wire.ProfileQuery },
  responses: { 200: json('By profile id.', wire.ProfileList), ...problems(400, 401, 403, 404, 503) },
});

const put = createRoute({
  method: 'put',
  path: '/api/v1/devices/{id}/charging-profiles/{profile_id}',
  tags,
  security,
  summary: 'Set a charging profile',
  description:
    'One form for every version; sent as SetChargingProfile. A profile that the specification forbids, or that is above ' +
    'what the device can do, is refused with its field, and nothing is sent.',
  request: { params: wire.ProfileParam, query: TimeoutQuery, body: body(wire.ProfileBody) },
  responses: { 200: json('The device took it.', wire.ProfileSet), ...problems(...COMMANDED, ...GIVEN) },
});

const clear = createRoute({
  method: 'delete',
  path: '/api/v1/devices/{id}/charging-profiles/{profile_id}',
  tags,
  security,
  summary: 'Clear a charging profile',
  request: { params: wire.ProfileParam, query: TimeoutQuery },
  responses: { 200: json('The device has it no more.', wire.ProfileCleared), ...problems(...COMMANDED) },
});

const composite = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/composite-schedule',
  tags,
  security,
  summary: 'What a device will allow, and what is expected of it',
  description: 'Asks the device (GetCompositeSchedule) and puts beside its answer what follows from its profiles.',
  request: { params: IdParam, query: wire.CompositeQuery },
  responses: { 200: json('Both.', wire.Composite), ...problems(...COMMANDED) },
});

interface Told {
  readonly startsAt: number;
  readonly durationS: number;
  readonly unit: 'A' | 'W';
  readonly periods: readonly { readonly startS: number; readonly limit: number | null }[];
}

/** What should come of the profiles that the station holds, in the place and time of what it told. */
async function expectedFor({ db }: Pick<Services, 'db'>, actor: Actor, stationId: number, evseId: number, told: Told) {
  const context = await chargingContext(db, actor, stationId, evseId);
  if (context === undefined) throw new ProblemError('not-found');
  const running = context.running.filter((transaction) => transaction.evseId === evseId).at(-1);
  const { maxPowerW, voltageV, phases } = context.ability;
  const place: CompositePlace = {
    evseId,
    transactionId: running?.ocppId ?? null,
    startedAt: running?.startedAt ?? null,
    priority: running !== undefined && context.prioritised.includes(running.ocppId),
    ...{ maxPowerW, voltageV, phases },
  };
  return compositeSchedule(context.held, place, told.startsAt, told.durationS, told.unit);
}

export function chargingRoutes(app: App, services: Services): void {
  const { db, stations, config } = services;
  const timeoutMs = (seconds: number | undefined) => (seconds === undefined ? config.commandTimeoutMs : seconds * 1000);
  chargingStateRoutes(app, services);

  app.openapi(list, async (c) => {
    const actor = c.get('actor');
    const { cursor, evse_id: evseId, purpose, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readCursor('charging-profiles', 1, cursor)?.[0];
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const found = await listChargingProfiles(db, actor, id, {
      limit,
      ...(evseId === undefined ? {} : { evseId }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(after === undefined ? {} : { after }),
    });
    return answer(
      c,
      listAnswer(found, 'charging-profiles', ({ profileId }) => [profileId], wire.toProfile),
      200,
    );
  });

  app.openapi(put, async (c) => {
    const actor = c.get('actor');
    const { id, profile_id: profileId } = c.req.valid('param');
    const station = await requireStation(stations, actor, id);
    const dialect: Dialect = versionOf(station) === 'ocpp1.6' ? '1.6' : '2.x';
    const asked = c.req.valid('json');
    const { evse_id: evseId } = asked;
    const profile = await placed(services, actor, station, evseId, wire.readProfileBody(profileId, asked));
    const judged = await judgeProfile({ services, actor, station }, profile, evseId, false);
    if (judged.faults.length > 0)
      throw new ProblemError('validation', { errors: judged.faults.map(wire.toFieldError) });
    const message = writeProfile(profile, dialect);
    const payload =
      dialect === '1.6' ? { connectorId: evseId, csChargingProfiles: message } : { evseId, chargingProfile: message };
    const order = { action: 'SetChargingProfile', payload, timeoutMs: timeoutMs(c.req.valid('query').timeout) };
    const { messageId: message_id, latencyMs: latency_ms, response } = await perform(services, actor, station, order);
    if (response.status !== 'Accepted') throw new ProblemError('command-rejected', { extra: { message_id, response } });
    const kept = await getChargingProfile(db, actor, station.id, profileId);
    if (kept === undefined) throw new ProblemError('internal');
    return answer(c, { profile: wire.toProfile(kept), result: 'Accepted', message_id, latency_ms }, 200);
  });

  app.openapi(clear, async (c) => {
    const actor = c.get('actor');
    const { id, profile_id } = c.req.valid('param');
    const station = await requireStation(stations, actor, id);
    const payload = versionOf(station) === 'ocpp1.6' ? { id: profile_id } : { chargingProfileId: profile_id };
    const order = { action: 'ClearChargingProfile', payload, timeoutMs: timeoutMs(c.req.valid('query').timeout) };
    const { messageId: message_id, latencyMs: latency_ms, response } = await perform(services, actor, station, order);
    const result = String(response.status);
    if (result !== 'Accepted' && result !== 'Unknown')
      throw new ProblemError('command-rejected', { extra: { message_id, response } });
    return answer(c, { profile_id, result, message_id, latency_ms }, 200);
  });

  app.openapi(composite, async (c) => {
    const actor = c.get('actor');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    const { evse_id: evseId, duration = 86_400, unit, ask, timeout } = c.req.valid('query');
    let told: Told | undefined;
    let messageId: string | null = null;
    let answeredAt = new Date();
    if (ask === 'false') {
      const last = await getComposite(db, actor, station.id, evseId);
      if (last === undefined) throw new ProblemError('not-found');
      told = { ...last, startsAt: last.startsAt.getTime() };
      answeredAt = last.answeredAt;
    } else {
      const place = versionOf(station) === 'ocpp1.6' ? { connectorId: evseId } : { evseId };
      const payload = { ...place, duration, ...(unit === undefined ? {} : { chargingRateUnit: unit }) };
      const order = { action: 'GetCompositeSchedule', payload, timeoutMs: timeoutMs(timeout) };
      const sent = await perform(services, actor, station, order);
      messageId = sent.messageId;
      told = sent.response.status === 'Accepted' ? readComposite(sent.response) : undefined;
      if (told === undefined)
        throw new ProblemError('command-rejected', { extra: { message_id: messageId, response: sent.response } });
    }
    const expected = await expectedFor(services, actor, station.id, evseId, told);
    const periods = (list: Told['periods']) => list.map(({ startS, limit }) => ({ start_s: startS, limit }));
    return answer(
      c,
      {
        evse_id: evseId,
        unit: told.unit,
        start_at: iso(new Date(told.startsAt)),
        duration_s: told.durationS,
        periods: periods(told.periods),
        expected: periods(expected),
        agrees: schedulesAgree(told.periods, expected, told.durationS),
        answered_at: iso(answeredAt),
        message_id: messageId,
      },
      200,
    );
  });
}

/** A TxProfile that names no transaction is meant for the one that runs. */
async function placed<P extends ReturnType<typeof wire.readProfileBody>>(
  { db }: Pick<Services, 'db'>,
  actor: Actor,
  station: StationView,
  evseId: number,
  profile: P,
): Promise<P> {
  if (profile.purpose !== 'TxProfile' || profile.transactionId !== null) return profile;
  const running = (await chargingContext(db, actor, station.id, evseId))?.running ?? [];
  const transactionId = running.filter((transaction) => transaction.evseId === evseId).at(-1)?.ocppId ?? null;
  return { ...profile, transactionId };
}
