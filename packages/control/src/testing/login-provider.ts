/** For tests: a login provider that is real in all but its login page, and a browser that goes there and back. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type ProviderContext } from 'oidc-provider';
import type { OidcSettings } from '../auth/oidc/provider.js';

/** What the provider says of somebody (OpenID Connect Core 1.0 section 5.1). */
export interface Claims {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export interface LoginProvider {
  readonly settings: OidcSettings;
  /** People by their name at the provider. */
  readonly people: Map<string, Claims>;
  /** Goes to an address as `who` and comes back with what stands in the address of the page. */
  visit(url: string, who: string): Promise<Record<string, string>>;
  close(): Promise<void>;
}

const REDIRECT_URL = 'https://app.example.test/login';
const CLIENT = { id: 'sigec', secret: 'a secret of tests' } as const;

export async function startLoginProvider(): Promise<LoginProvider> {
  const people = new Map<string, Claims>();
  let visitor = '';
  let handle: RequestListener = (_, response) => response.end();
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [REDIRECT_URL] }],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['of tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 60, Session: 60 },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...people.get(sub) }),
    }),
    // Nobody is asked whether they agree.
    async loadExistingGrant({ oidc }: ProviderContext) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  handle = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response);
    void provider.interactionFinished(request, response, { login: { accountId: visitor } });
  };
  return {
    settings: { issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, redirectUrl: REDIRECT_URL },
    people,
    async visit(url, who) {
      visitor = who;
      const cookies = new Map<string, string>();
      for (let at = url, hop = 0; hop < 10; hop++) {
        if (at.startsWith(REDIRECT_URL)) return Object.fromEntries(new URL(at).searchParams);
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(at, { redirect: 'manual', headers: { cookie } });
        for (const line of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        const next = answer.headers.get('location');
        if (next === null) throw new Error(`the provider answered ${answer.status}: ${await answer.text()}`);
        at = new URL(next, at).toString();
      }
      throw new Error('the provider sends in circles');
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
