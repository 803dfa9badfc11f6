/** Puts the rooms together: middleware in order, then the routes. */
import { systemClock } from '@sigec/runtime';
import { getStationDetails, stationDocuments } from '@sigec/store';
import type { MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { AccessTokens } from './auth/access-token.js';
import { createGuard } from './auth/guard.js';
import { LoginService } from './auth/login.js';
import { RefreshFamilies } from './auth/refresh.js';
import { Authorities } from './authority/authorities.js';
import { type CommandGateway, createCommandGateway } from './command/gateway.js';
import { Waits } from './command/waits.js';
import type { AppEnv, ControlDeps, Services } from './context.js';
import { ClientAddresses } from './guard/client-address.js';
import { crossOrigin } from './guard/cross-origin.js';
import type { Standing } from './guard/limit-headers.js';
import { LoginLimit } from './guard/login-limit.js';
import { UserLimits } from './guard/user-limits.js';
import { ownHeaders } from './http/answer.js';
import { bodies } from './http/bodies.js';
import { failures } from './http/failures.js';
import { observe } from './http/observe.js';
import { routeOf } from './http/route.js';
import { StationLoader } from './load/stations.js';
import { problemResponse } from './problem.js';
import { type App, createApplication } from './routes/application.js';
import { authRoutes } from './routes/auth.js';
import { authorisationRoutes } from './routes/authorisation.js';
import { chargingRoutes } from './routes/charging.js';
import { commandQueueRoutes } from './routes/command-queue.js';
import { commandRoutes } from './routes/commands.js';
import { connectorRoutes } from './routes/connectors.js';
import { deviceAccessRoutes } from './routes/device-access.js';
import { deviceCsvRoutes } from './routes/device-csv.js';
import { deviceModelRoutes } from './routes/device-model.js';
import { deviceRoutes } from './routes/devices.js';
import { energyRoutes } from './routes/energy.js';
import { firmwareRoutes } from './routes/firmware.js';
import { groupRoutes } from './routes/groups.js';
import { idTokenRoutes } from './routes/id-tokens.js';
import { messageRoutes } from './routes/messages.js';
import { nearbyRoutes } from './routes/nearby.js';
import { operationRoutes } from './routes/operations.js';
import { requestRoutes } from './routes/requests.js';
import { securityRoutes } from './routes/security.js';
import { siteRoutes } from './routes/sites.js';
import { transactionRoutes } from './routes/transactions.js';
import { DEVICE_SHAPE } from './wire/device.js';

const readDevices = stationDocuments(DEVICE_SHAPE);

export interface Control {
  readonly app: App;
  readonly gateway: CommandGateway;
  readonly services: Services;
  /** Ends what waits for chargers; requests under way answer with what there is. */
  stop(): void;
}

function services(deps: ControlDeps, closing: AbortSignal): Services {
  const { config, db, bus, cache, logger, metrics, health } = deps;
  const clock = deps.clock ?? systemClock;
  const tokens = new AccessTokens(config.jwtSecret, clock);
  const refresh = new RefreshFamilies(cache);
  const { offlineGraceMs } = config;
  const grace = offlineGraceMs === undefined ? {} : { offlineGraceMs };
  return {
    config,
    db,
    logger,
    metrics,
    health,
    clock,
    tokens,
    refresh,
    login: new LoginService({ db, tokens, refresh }),
    loginLimit: new LoginLimit(cache),
    addresses: new ClientAddresses(config.trustedProxies ?? []),
    gateway: createCommandGateway({ bus, logger, metrics, clock, ...grace }),
    waits: new Waits(clock, closing),
    authorities: new Authorities(db, config.jwtSecret, config.certificates),
    stations: new StationLoader((keys) => getStationDetails(db, keys)),
    devices: new StationLoader((keys) => readDevices(db, keys)),
  };
}

/**
 * Who is let in, how often, and with what: one middleware, not one each, as every one is a promise or two of each request.
 * It waits only where it has to.
 */
function entrance(app: App, { tokens }: Services, limits: UserLimits): MiddlewareHandler<AppEnv> {
  const admit = createGuard(tokens);
  const wrongMethod = methodNotAllowed({
    app,
    onMethodNotAllowed: (c, allowed) =>
      problemResponse(c, 'method-not-allowed', { headers: { allow: allowed.join(', ') } }),
  });
  const goOn: MiddlewareHandler<AppEnv> = (c, next) => {
    const actor = c.get('actor');
    if (actor === undefined) return bodies(c, next);
    const counted = (standing: Standing | undefined) => {
      c.set('standing', standing);
      return bodies(c, next);
    };
    const spent = limits.spend(actor.userId);
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
export function createControl(deps: ControlDeps): Control {
  const closing = new AbortController();
  const rooms = services(deps, closing.signal);
  const app = createApplication();

  const { corsOrigins = [], rateLimit = 0, publicUrl } = deps.config;
  app.use('*', observe(deps.logger, deps.metrics, rooms.clock, ownHeaders(publicUrl)));
  if (corsOrigins.length > 0) app.use('*', crossOrigin(corsOrigins));
  app.use('*', entrance(app, rooms, new UserLimits({ ...deps, clock: rooms.clock }, rateLimit)));

  operationRoutes(app, rooms);
  authRoutes(app, rooms);
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
  chargingRoutes(app, rooms);
  firmwareRoutes(app, rooms);
  energyRoutes(app, rooms);
  authorisationRoutes(app, rooms);
  commandQueueRoutes(app, rooms);
  messageRoutes(app, rooms);
  transactionRoutes(app, rooms);
  idTokenRoutes(app, rooms);

  app.notFound((c) => problemResponse(c, 'unknown-route'));
  app.onError(failures(deps.logger));
  return { app, gateway: rooms.gateway, services: rooms, stop: () => closing.abort() };
}
