/** Writes what the product is made of, from the lockfile, as CycloneDX JSON: .ci/out/sbom.json. Without what only builds it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askPnpm, ROOT } from './setup.mjs';

const out = join(ROOT, '.ci', 'out', 'sbom.json');
mkdirSync(join(ROOT, '.ci', 'out'), { recursive: true });
const format = ['--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6', '--sbom-type', 'application'];
const { status, stderr } = askPnpm(['sbom', '--prod', '--lockfile-only', ...format, '--out', out], { timeout: 60_000 });
if (status !== 0) {
  process.stderr.write(`${stderr}\nsbom: failed\n`);
  process.exit(1);
}
const { components } = JSON.parse(readFileSync(out, 'utf8'));
process.stdout.write(`sbom: ${components.length} components, .ci/out/sbom.json\n`);
process.exit(components.length > 0 ? 0 : 1);
