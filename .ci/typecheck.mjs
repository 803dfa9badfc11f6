/** Checks the types of every package, tests included. */
import { withPnpm } from './setup.mjs';

withPnpm('turbo', 'run', 'typecheck', '--output-logs=errors-only', '--no-update-notifier');
