/** For those who run it: health, metrics, the document and its page. */
import type { Context } from 'hono';
import type { AppEnv, Services } from '../context.js';
import { DOCS_POLICY, docsFile, docsPage } from '../docs.js';
import { answer, answerWith } from '../http/answer.js';
import { openApiDocument } from '../openapi.js';
import { ProblemError } from '../problem.js';
import type { App } from './application.js';

const DOCS = { 'content-security-policy': DOCS_POLICY };

export function operationRoutes(app: App, { health, metrics }: Services): void {
  app.get('/health/live', (c) => answer(c, health.live(), 200));
  app.get('/health/ready', async (c) => {
    const report = await health.ready();
    return answer(c, report, report.ok ? 200 : 503);
  });
  app.get('/metrics', async (c) => answerWith(c, await metrics.render(), 200, metrics.contentType));

  let document: Promise<string> | undefined;
  app.get('/openapi.json', async (c) => {
    document ??= openApiDocument(app).then((made) => JSON.stringify(made));
    return answerWith(c, await document, 200, 'application/json');
  });

  app.get('/docs', (c) => answerWith(c, docsPage(), 200, 'text/html; charset=UTF-8', DOCS));
  app.get('/docs/:file', async (c: Context<AppEnv>) => {
    const file = await docsFile(c.req.param('file') ?? '');
    if (!file) throw new ProblemError('not-found');
    return answerWith(c, file.content, 200, file.type, { 'cache-control': 'public, max-age=3600', ...DOCS });
  });
}
