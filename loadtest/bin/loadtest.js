#!/usr/bin/env node
import { main } from '../dist/cli/main.js';

// Who reads the output may stop reading, as head does.
process.stdout.on('error', () => process.exit());
process.exitCode = await main(process.argv);
