// Writes src/gen/api.ts: the types of every operation, from the OpenAPI document that the server itself answers with.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createMemoryBus } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { createControl, openApiDocument } from '@sigec/control';
import { createLogger, createMetrics, HealthRegistry } from '@sigec/runtime';
import { openPostgres } from '@sigec/store';
import openapiTS, { astToString } from 'openapi-typescript';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out = resolve(values.out ?? join(dirname(fileURLToPath(import.meta.url)), '../src/gen/api.ts'));

// Nobody asks it anything, so no connection is made, and there need be no server.
const db = openPostgres({ url: 'postgres://nobody@127.0.0.1:1/nothing' });
const control = createControl({
  config: { jwtSecret: 'of nobody, as nothing is ever asked here', pepper: '', commandTimeoutMs: 1000 },
  db,
  bus: createMemoryBus().connect('client'),
  cache: createMemoryCache(),
  logger: createLogger({ role: 'client', level: 'error' }),
  metrics: createMetrics('client'),
  health: new HealthRegistry(),
});
const document = await openApiDocument(control.app);
control.stop();
await db.close();

// Each OCPP message of each version is sent by one operation, `/devices/{id}/commands/{action}`; their schemas are many times
// the rest, and who writes a payload by hand has them in the document.
const paths = Object.fromEntries(
  Object.entries(document.paths).filter(([, { post }]) => post?.tags?.includes('OCPP messages') !== true),
);
const schemas = Object.fromEntries(
  Object.entries(document.components.schemas).filter(([name]) => !name.startsWith('ocpp')),
);
const tree = await openapiTS(
  { ...document, paths, components: { ...document.components, schemas } },
  { alphabetize: true, defaultNonNullable: false },
);
const text = `/** Made from the OpenAPI document: do not edit. */\n${astToString(tree)}`;

mkdirSync(dirname(out), { recursive: true });
// A file that stays as it was keeps its time, and what is built from it stays.
const before = (() => {
  try {
    return readFileSync(out, 'utf8');
  } catch {
    return '';
  }
})();
if (before !== text) {
  writeFileSync(`${out}.${process.pid}`, text);
  renameSync(`${out}.${process.pid}`, out);
}
