import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { configDocs } from './config-print.js';

const PAGE = fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url));

const HEAD = `# Configuration

Environment first, then \`sigec.yaml\` with the same names, defaults last. Everything is checked at the start and every error is
named at once. \`sigec config --role ROLE\` prints what holds and where it comes from, secrets masked.

`;

// \`npx vitest run packages/runtime -u\` writes the page anew.
it('docs/configuration.md says what the code does', async () => {
  await expect(HEAD + configDocs()).toMatchFileSnapshot(PAGE);
});
