/** The login provider as its discovery document describes it, read when it is first needed (OpenID Connect Discovery 1.0). */
import * as client from 'openid-client';

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string | undefined;
  /** The page that the provider sends people back to, as it is registered there. */
  readonly redirectUrl: string;
}

const TIMEOUT_S = 10;
/** What was read is read again after so long, ms: endpoints and keys change. */
const FRESH_MS = 3_600_000;

/** A provider on this machine is one of a test, or of whoever tries things out. */
const isLocal = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);

/** The way the provider says it wants to be shown the secret; what it does not say means Basic (Discovery section 3). */
function authenticationOf(metadata: client.ServerMetadata, secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None();
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
}

async function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<client.Configuration> {
  const at = new URL(issuer);
  const execute = isLocal(at) ? [client.allowInsecureRequests] : [];
  const found = await client.discovery(at, clientId, undefined, client.None(), { execute, timeout: TIMEOUT_S });
  const metadata = found.serverMetadata();
  const made = new client.Configuration(metadata, clientId, clientSecret, authenticationOf(metadata, clientSecret));
  made.timeout = TIMEOUT_S;
  for (const set of execute) set(made);
  return made;
}

export class OidcProvider {
  readonly settings: OidcSettings;
  #known: { readonly at: number; readonly configuration: Promise<client.Configuration> } | undefined;

  constructor(settings: OidcSettings) {
    this.settings = settings;
  }

  /** Rejects where the provider cannot be reached; the next call tries again. @param now ms of the monotonic clock */
  async configuration(now: number): Promise<client.Configuration> {
    if (this.#known === undefined || now - this.#known.at > FRESH_MS)
      this.#known = { at: now, configuration: discover(this.settings) };
    const { configuration } = this.#known;
    try {
      return await configuration;
    } catch (error) {
      if (this.#known?.configuration === configuration) this.#known = undefined;
      throw error;
    }
  }
}
