/** The authority that this installation keeps: its certificate, and what it has revoked. */
import { createRoute } from '@hono/zod-openapi';
import { revokedOf } from '@sigec/store';
import type { BuiltInAuthority } from '../../authority/built-in.js';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { json, problems, SECURED } from '../../wire/common.js';
import * as wire from '../../wire/security.js';
import type { App } from '../application.js';

const tags = ['certificates'];

const authority = createRoute({
  method: 'get',
  path: '/api/v1/certificates/ca',
  tags,
  security: SECURED,
  summary: "The authority of chargers' certificates",
  description:
    'What SIGEC_OCPP_TLS_CLIENT_CA of the edges needs. 404 where certificates are issued by an authority elsewhere.',
  responses: { 200: json('Its chain.', wire.CertificateChain), ...problems(401, 403, 404, 503) },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/certificates/crl',
  tags,
  summary: 'The list of revoked certificates',
  description:
    'What SIGEC_OCPP_TLS_CLIENT_CRL of the edges needs, PEM. Public, as such lists are; it holds for seven days.',
  responses: {
    200: { description: 'PEM.', content: { 'application/x-pem-file': { schema: { type: 'string' } } } },
    ...problems(404, 503),
  },
});

/** Whoever may ask costs no more than a signature in so long, ms. */
const FRESH_MS = 5000;

export function authorityRoutes(app: App, { db, authorities, clock }: Services): void {
  const kept = async (): Promise<BuiltInAuthority> => {
    const own = await authorities.builtIn();
    if (own !== undefined) return own;
    throw new ProblemError('not-found', {
      detail: {
        pt: 'Os certificados são emitidos por uma autoridade externa.',
        en: 'Certificates are issued by an authority elsewhere.',
      },
    });
  };

  let made: { readonly at: number; readonly pem: Promise<string> } | undefined;
  const revocationList = (): Promise<string> => {
    const now = clock.monotonic();
    if (made !== undefined && now - made.at < FRESH_MS) return made.pem;
    const pem = kept().then(async (own) => own.revocationList(await revokedOf(db, own.keyHash)));
    made = { at: now, pem };
    pem.catch(() => {
      made = undefined;
    });
    return pem;
  };

  app.openapi(authority, async (c) => {
    const { chain } = await kept();
    return answer(c, { certificate_chain: chain.map(({ pem }) => pem).join('') }, 200);
  });

  app.openapi(list, async (c) => answerWith(c, await revocationList(), 200, 'application/x-pem-file') as never);
}
