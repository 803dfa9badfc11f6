/** What the control role is made of, handed to every room by its constructor. */
import type { Bus } from '@sigec/bus';
import type { Cache } from '@sigec/cache';
import type { Clock, CounterSeries, HealthRegistry, Labelled, Logger, Metrics } from '@sigec/runtime';
import type { Actor, Database, StationDetail, StationDocument } from '@sigec/store';
import type { Accounts, RegistrationMode } from './accounts/accounts.js';
import type { Aside } from './accounts/aside.js';
import type { Notifier } from './accounts/notifier.js';
import type { AccessTokens } from './auth/access-token.js';
import type { ApiKeys } from './auth/api-keys.js';
import type { Callers } from './auth/callers.js';
import type { LoginService } from './auth/login.js';
import type { OidcLogin } from './auth/oidc/login.js';
import type { OidcSettings } from './auth/oidc/provider.js';
import type { Passwords } from './auth/password.js';
import type { Permission } from './auth/permissions.js';
import type { RefreshFamilies } from './auth/refresh.js';
import type { SecondFactors } from './auth/second-factor.js';
import type { SigningKeys } from './auth/signing-keys.js';
import type { Authorities, AuthoritySettings } from './authority/authorities.js';
import type { CommandGateway } from './command/gateway.js';
import type { Waits } from './command/waits.js';
import type { ClientAddresses } from './guard/client-address.js';
import type { Standing } from './guard/limit-headers.js';
import type { LoginLimit } from './guard/login-limit.js';
import type { VisitorLimit } from './guard/visitor-limit.js';
import type { LiveHub, LiveLimits } from './live/hub.js';
import type { StationLoader } from './load/stations.js';

export interface ControlConfig {
  /** Signs the tokens of people, or hides the keys that do; at least 32 characters. */
  readonly jwtSecret: string;
  /** What tokens of people are signed by: the secret itself (HS256), or a key pair of the database. Default ES256. */
  readonly jwtAlgorithm?: 'HS256' | 'ES256' | 'EdDSA';
  /** Default `verified`. */
  readonly registration?: RegistrationMode;
  /** Of drivers who register. Default 1, the tenant that the migrations make. */
  readonly registrationTenant?: number;
  /** A login provider. Default none. */
  readonly oidc?: OidcSettings | undefined;
  /** Mixed into the hashes of station passwords; the same as at the edges. */
  readonly pepper: string;
  /** How long a charger has to answer a command where the request does not say, ms. */
  readonly commandTimeoutMs: number;
  /** How long "nobody holds this charger" may be a session on the move, ms. Default 5000. */
  readonly offlineGraceMs?: number;
  /** Where people reach this API, http or https. */
  readonly publicUrl?: string | undefined;
  /** Addresses and CIDR blocks of proxies whose X-Forwarded-For is believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Origins of web pages that may read this API. Default none. */
  readonly corsOrigins?: readonly string[];
  /** Requests a minute of one person; 0, the default, is no limit. */
  readonly rateLimit?: number;
  /** Whether stations are provisioned by themselves after their first boot, and how many a second begin. Default 5 a second. */
  readonly provisioning?: { readonly on: boolean; readonly perSecond: number };
  /** Who issues certificates for stations. Default: an authority that is made once and kept in the database. */
  readonly certificates?: AuthoritySettings;
  /** Largest file that is taken, of chargers and of people. Default 64 MB. */
  readonly uploadMaxBytes?: number;
  /** Days that logs of chargers, and what they told of customers, are kept. Default 90. */
  readonly uploadDays?: number;
  /** How many may listen to live updates at once. */
  readonly live?: Partial<LiveLimits>;
  readonly webhooks?: WebhookSettings;
}

export interface WebhookSettings {
  /** Whether http, and addresses that are not public, may be told of events. Default false. */
  readonly private?: boolean;
  /** Days the log of deliveries is kept. Default 7. */
  readonly days?: number;
  /** An endpoint that failed for so long is paused, hours. Default 72. */
  readonly pauseHours?: number;
}

export interface ControlDeps {
  readonly config: ControlConfig;
  readonly db: Database;
  readonly bus: Bus;
  readonly cache: Cache;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  readonly clock?: Clock;
  /** Who tells people things. Default: the database keeps what is to be told. */
  readonly notifier?: Notifier;
}

/** What the routes use. */
export interface Services {
  readonly config: ControlConfig;
  readonly db: Database;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  readonly clock: Clock;
  readonly signingKeys: SigningKeys;
  readonly tokens: AccessTokens;
  readonly apiKeys: ApiKeys;
  readonly callers: Callers;
  readonly refresh: RefreshFamilies;
  readonly passwords: Passwords;
  readonly secondFactors: SecondFactors;
  readonly login: LoginService;
  readonly oidc: OidcLogin | undefined;
  readonly accounts: Accounts;
  readonly aside: Aside;
  readonly loginLimit: LoginLimit;
  readonly addresses: ClientAddresses;
  readonly visitors: VisitorLimit;
  readonly gateway: CommandGateway;
  readonly waits: Waits;
  readonly authorities: Authorities;
  readonly stations: StationLoader<StationDetail>;
  /** The answers to `GET /devices/:id`, as they leave. */
  readonly devices: StationLoader<StationDocument>;
  readonly live: LiveHub;
  readonly bus: Bus;
  readonly webhookMetrics: Labelled<CounterSeries, 'outcome'>;
}

/** Whoever asks: a person, or a key of a machine. */
export interface Caller extends Actor {
  /** Of a key: its number. It has a limit of requests of its own. */
  readonly keyId?: number;
  /** Of a key: when it ends, ms since 1970; undefined where it does not. */
  readonly endsAt?: number | undefined;
  /** Of a key: what it may do. A person may do what their role says. */
  readonly permissions?: ReadonlySet<Permission>;
}

export interface AppEnv {
  Variables: {
    requestId: string;
    /** What this application adds to all its answers. */
    own: Readonly<Record<string, string>>;
    /** Where the limit of whoever asks stands, where there is one. */
    standing: Standing | undefined;
    /** Set by the guard on every route that is not public. */
    actor: Caller;
    /** Set by the guard where grants may let in, or further: what they have to hold, and whether it stands beside what is one's own. */
    wanted: { readonly permission: Permission; readonly beside: boolean } | undefined;
    /** The answer that has all its headers. */
    answered: Response;
  };
}
