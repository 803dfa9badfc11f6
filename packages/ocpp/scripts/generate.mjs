// Writes src/gen: types, validators and schemas of each OCPP version. The same sources always give the same bytes, and
// nothing is done where src/gen already stems from these sources (`--force` does it anyway, `--out DIR` elsewhere).
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { merge, sourceText, VERSIONS } from './lib/schemas.mjs';
import { typesModule } from './lib/types.mjs';
import { SCHEMAS_TYPES, schemasModule, VALIDATORS_TYPES, validatorsModule } from './lib/validators.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const { values: options } = parseArgs({ options: { out: { type: 'string' }, force: { type: 'boolean' } } });
const out = resolve(options.out ?? join(here, '../src/gen'));

/** A hash of everything the output depends on. */
function fingerprint() {
  const hash = createHash('sha256');
  const own = ['generate.mjs', ...readdirSync(join(here, 'lib')).map((name) => `lib/${name}`)].sort();
  for (const name of own) hash.update(name).update(readFileSync(join(here, name)));
  for (const { source } of VERSIONS) hash.update(sourceText(source));
  for (const tool of ['ajv', 'json-schema-to-typescript']) hash.update(require(`${tool}/package.json`).version);
  return hash.digest('hex');
}

/** Several tasks of one build may generate at once: each file appears whole or not at all. */
function put(name, text) {
  const temporary = join(out, `.${name}.${process.pid}`);
  writeFileSync(temporary, text);
  renameSync(temporary, join(out, name));
}

const stamp = fingerprint();
const stampFile = join(out, '.stamp');
const current = (() => {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return null; // Never generated.
  }
})();

if (options.force === true || current !== stamp) {
  mkdirSync(out, { recursive: true });
  rmSync(stampFile, { force: true });
  for (const { version, suffix, source } of VERSIONS) {
    const schemas = JSON.parse(sourceText(source));
    const merged = merge(schemas);
    put(`v${suffix}.ts`, await typesModule(merged, suffix));
    put(`validators${suffix}.js`, validatorsModule(merged, version));
    put(`validators${suffix}.d.ts`, VALIDATORS_TYPES);
    put(`schemas${suffix}.js`, schemasModule(schemas));
    put(`schemas${suffix}.d.ts`, SCHEMAS_TYPES);
  }
  put('.stamp', stamp);
}
