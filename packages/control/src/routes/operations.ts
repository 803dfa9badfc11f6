/** For those who run it: health, metrics, the document and its page. */
import type { Context } from 'hono';
import type { AppEnv, Services } from '../context.js';
import { docsFile, docsPage } from '../docs.js';
import { openApiDocument } from '../openapi.js';
import { ProblemError } from '../problem.js';
import type { App } from './application.js';

const NO_STORE = { 'cache-control': 'no-store' };

export function operationRoutes(app: App, { health, metrics }: Services): void {
  app.get('/health/live', (c) => c.json(health.live(), 200, NO_STORE));
  app.get('/health/ready', async (c) => {
    const report = await health.ready();
    return c.json(report, report.ok ? 200 : 503, NO_STORE);
  });
  app.get('/metrics', async (c) =>
    c.body(await metrics.render(), 200, { 'content-type': metrics.contentType, ...NO_STORE }),
  );

  let document: string | undefined;
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(openApiDocument(app));
    return c.body(document, 200, { 'content-type': 'application/json' });
  });

  app.get('/docs', (c) => c.html(docsPage()));
  app.get('/docs/:file', async (c: Context<AppEnv>) => {
    const file = await docsFile(c.req.param('file') ?? '');
    if (!file) throw new ProblemError('not-found');
    return c.body(file.content, 200, { 'content-type': file.type, 'cache-control': 'public, max-age=3600' });
  });
}
