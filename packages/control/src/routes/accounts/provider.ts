/** Login by a provider. */
import { createRoute } from '@hono/zod-openapi';
import type { Services } from '../../context.js';
import { answer } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { ProviderAnswer, ProviderLogin } from '../../wire/auth.js';
import { body, json, problems } from '../../wire/common.js';
import type { App } from '../application.js';
import { ENTERED, entered } from '../auth.js';

const tags = ['auth'];

const begin = createRoute({
  method: 'post',
  path: '/api/v1/auth/oidc/begin',
  tags,
  summary: 'Begin a login by the provider',
  description:
    'OpenID Connect, code flow with PKCE. The person comes back to the page that is registered at the provider.',
  responses: { 200: json('Where to go.', ProviderLogin), ...problems(409, 429, 502, 503) },
});

const finish = createRoute({
  method: 'post',
  path: '/api/v1/auth/oidc/finish',
  tags,
  summary: 'End a login by the provider',
  description:
    'With what stands in the address that the person came back to. An account of the same e-mail address is taken only where ' +
    'the provider says that the address is confirmed.',
  request: { body: body(ProviderAnswer) },
  responses: { ...ENTERED, ...problems(400, 401, 403, 409, 415, 422, 429, 502, 503) },
});

export function providerRoutes(app: App, { oidc, loginLimit, addresses }: Services): void {
  const provider = () => {
    if (oidc === undefined) throw new ProblemError('provider-missing');
    return oidc;
  };

  app.openapi(begin, async (c) => {
    await loginLimit.byAddress('provider', addresses.of(c));
    const { url, login, expiresIn } = await provider().begin();
    return answer(c, { authorization_url: url, login, expires_in: expiresIn }, 200);
  });

  app.openapi(finish, async (c) => {
    await loginLimit.byAddress('provider', addresses.of(c));
    return entered(c, await provider().finish(c.req.valid('json')));
  });
}
