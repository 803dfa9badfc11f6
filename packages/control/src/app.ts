/** Puts the rooms together: middleware in order, then the routes. */
import { Circuits, systemClock } from '@sigec/runtime';
import { behindTenantWall, getStationDetails, ownStations, stationDocuments } from '@sigec/store';
import type { MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { accountRooms } from './accounts/rooms.js';
import { createGuard, reachOut } from './auth/guard.js';
import { Authorities } from './authority/authorities.js';
import { type CommandGateway, createCommandGateway } from './command/gateway.js';
import { Waits } from './command/waits.js';
import type { AppEnv, ControlDeps, Services } from './context.js';
import { behindCircuit } from './guard/circuit-cache.js';
import { ClientAddresses } from './guard/client-address.js';
import { crossOrigin } from './guard/cross-origin.js';
import type { Standing } from './guard/limit-headers.js';
import { serve, served } from './guard/tenant.js';
import { UserLimits } from './guard/user-limits.js';
import { VisitorLimit } from './guard/visitor-limit.js';
import { ownHeaders } from './http/answer.js';
import { bodies } from './http/bodies.js';
import { failures } from './http/failures.js';
import { idempotency, isRepeatable } from './http/idempotency.js';
import { observe } from './http/observe.js';
import { routeOf } from './http/route.js';
import { LiveHub } from './live/hub.js';
import { type Reaches, StationLoader } from './load/stations.js';
import { problemResponse } from './problem.js';
import { accountRoutes } from './routes/accounts.js';
import { alarmRoutes } from './routes/alarms.js';
import { type App, createApplication } from './routes/application.js';
import { authorisationRoutes } from './routes/authorisation.js';
import { chargingRoutes } from './routes/charging.js';
import { commandQueueRoutes } from './routes/command-queue.js';
import { commandRoutes } from './routes/commands.js';
import { connectorRoutes } from './routes/connectors.js';
import { deviceAccessRoutes } from './routes/device-access.js';
import { deviceCsvRoutes } from './routes/device-csv.js';
import { deviceModelRoutes } from './routes/device-model.js';
import { deviceRoutes } from './routes/devices.js';
import { driverRoutes } from './routes/drivers.js';
import { energyRoutes } from './routes/energy.js';
import { firmwareRoutes } from './routes/firmware.js';
import { groupRoutes } from './routes/groups.js';
import { idTokenRoutes } from './routes/id-tokens.js';
import { liveRoutes } from './routes/live.js';
import { messageRoutes } from './routes/messages.js';
import { meterValueRoutes } from './routes/meter-values.js';
import { nearbyRoutes } from './routes/nearby.js';
import { operationRoutes } from './routes/operations.js';
import { requestRoutes } from './routes/requests.js';
import { securityRoutes } from './routes/security.js';
import { siteRoutes } from './routes/sites.js';
import { stationWordRoutes } from './routes/station-words.js';
import { tariffRoutes } from './routes/tariffs.js';
import { transactionRoutes } from './routes/transactions.js';
import { webhookRoutes } from './routes/webhooks.js';
import { DEVICE_SHAPE } from './wire/device.js';

const readDevices = stationDocuments(DEVICE_SHAPE);

export interface Control {
  readonly app: App;
  readonly gateway: CommandGateway;
  readonly services: Services;
  /** Ends what waits for chargers, and live updates; requests under way answer with what there is. */
  stop(): Promise<void>;
}

function services(deps: ControlDeps, circuits: Circuits, closing: AbortSignal): Services {
  const { config, bus, logger, metrics, health } = deps;
  const db = behindTenantWall(deps.db, served);
  const clock = deps.clock ?? systemClock;
  const { offlineGraceMs } = config;
  const grace = offlineGraceMs === undefined ? {} : { offlineGraceMs };
  const reaches: Reaches = async ({ tenantId }, id) => (await ownStations(db, tenantId, [id])).has(id);
  const people = accountRooms(deps, db, clock, circuits);
  return {
    config,
    db,
    logger,
    metrics,
    health,
    clock,
    ...people,
    addresses: new ClientAddresses(config.trustedProxies ?? []),
    visitors: new VisitorLimit({ cache: deps.cache, clock, logger }),
    gateway: createCommandGateway({ bus, logger, metrics, circuits, clock, ...grace }),
    waits: new Waits(clock, closing),
    authorities: new Authorities(db, config.jwtSecret, config.certificates, circuits),
    // Requests of several tenants share a statement; each of its keys says the tenant.
    stations: new StationLoader((keys) => getStationDetails(deps.db, keys), reaches),
    devices: new StationLoader((keys) => readDevices(deps.db, keys), reaches),
    bus,
    webhookMetrics: metrics.counter({
      name: 'sigec_webhook_attempts_total',
      help: 'Attempts to deliver to webhooks, by how they ended.',
      labels: ['outcome'],
    }),
    // One follower serves the subscribers of all tenants; what it reads says the tenant.
    live: new LiveHub({ bus, db: deps.db, logger, metrics, clock, callers: people.callers }, config.live),
  };
}

/**
 * Who is let in, how often, and with what: one middleware, not one each, as every one is a promise or two of each request.
 * It waits only where it has to.
 */
function entrance(app: App, rooms: Services, limits: UserLimits): MiddlewareHandler<AppEnv> {
  const admit = createGuard(rooms.callers);
  const once = idempotency(rooms);
  const wrongMethod = methodNotAllowed({
    app,
    onMethodNotAllowed: (c, allowed) =>
      problemResponse(c, 'method-not-allowed', { headers: { allow: allowed.join(', ') } }),
  });
  const goOn: MiddlewareHandler<AppEnv> = (c, next) => {
    const actor = c.get('actor');
    if (actor === undefined) return bodies(c, next);
    const go = () => serve(c.get('actor'), () => bodies(c, isRepeatable(c) ? () => once(c, next) : next));
    const counted = (standing: Standing | undefined) => {
      c.set('standing', standing);
      const reaching = reachOut(c, rooms.db);
      return reaching ? reaching.then(go) : go();
    };
    const spent = limits.spend(actor.keyId === undefined ? actor.userId : `key:${actor.keyId}`);
    return spent instanceof Promise ? spent.then(counted) : counted(spent);
  };
  return (c, next) => {
    const route = routeOf(c);
    if (route === undefined) return wrongMethod(c, next);
    const admitted = admit(c, route);
    return admitted ? admitted.then(() => goOn(c, next)) : goOn(c, next);
  };
}

/**
 * The control API as an application without a server. Once per `metrics`: it makes metrics of its own there.
 * @throws {RangeError} where `config.jwtSecret` is shorter than 32 characters, or a trusted proxy is no network
 */
export function createControl(given: ControlDeps): Control {
  const closing = new AbortController();
  const circuits = new Circuits({ ...given, clock: given.clock ?? systemClock });
  const deps = { ...given, cache: behindCircuit(given.cache, circuits) };
  const rooms = services(deps, circuits, closing.signal);
  const app = createApplication();

  const { corsOrigins = [], rateLimit = 0, publicUrl } = deps.config;
  app.use('*', observe(deps.logger, deps.metrics, rooms.clock, ownHeaders(publicUrl)));
  if (corsOrigins.length > 0) app.use('*', crossOrigin(corsOrigins));
  app.use('*', entrance(app, rooms, new UserLimits({ ...deps, clock: rooms.clock }, rateLimit)));

  operationRoutes(app, rooms);
  accountRoutes(app, rooms);
  nearbyRoutes(app, rooms);
  deviceCsvRoutes(app, rooms);
  deviceRoutes(app, rooms);
  connectorRoutes(app, rooms);
  siteRoutes(app, rooms);
  groupRoutes(app, rooms);
  deviceAccessRoutes(app, rooms);
  commandRoutes(app, rooms);
  requestRoutes(app, rooms);
  deviceModelRoutes(app, rooms);
  securityRoutes(app, rooms);
  alarmRoutes(app, rooms);
  chargingRoutes(app, rooms);
  firmwareRoutes(app, rooms);
  energyRoutes(app, rooms);
  authorisationRoutes(app, rooms);
  commandQueueRoutes(app, rooms);
  messageRoutes(app, rooms);
  stationWordRoutes(app, rooms);
  tariffRoutes(app, rooms);
  liveRoutes(app, rooms);
  webhookRoutes(app, rooms);
  transactionRoutes(app, rooms);
  meterValueRoutes(app, rooms);
  idTokenRoutes(app, rooms);
  driverRoutes(app, rooms);

  app.notFound((c) => problemResponse(c, 'unknown-route'));
  app.onError(failures(deps.logger));
  const stop = (): Promise<void> => {
    closing.abort();
    return rooms.live.close();
  };
  return { app, gateway: rooms.gateway, services: rooms, stop };
}
