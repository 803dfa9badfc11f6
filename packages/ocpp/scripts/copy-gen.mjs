// The compiler does not carry generated .js and .d.ts files along: copies them from src/gen to dist/gen.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const from = join(root, 'src/gen');
const to = join(root, 'dist/gen');
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from)) {
  if (/^(?:validators|schemas)\d+\.(?:js|d\.ts)$/.test(name)) copyFileSync(join(from, name), join(to, name));
}
