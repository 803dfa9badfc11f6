/** `npm start`: sets up, then runs `sigec up` in this process, so that signals reach it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, setup } from './setup.mjs';

setup();
process.chdir(ROOT);
const { main } = await import(pathToFileURL(join(ROOT, 'packages/cli/dist/main.js')).href);
await main([process.argv[0], 'sigec', 'up', ...process.argv.slice(2)]);
