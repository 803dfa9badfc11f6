/** Every test of the house: beside the code, and end to end with real processes. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'loadtest/src/**/*.test.ts',
      'packages/cli/e2e/**/*.test.ts',
    ],
    pool: 'forks',
    // Two cores: the end-to-end files start a handful of processes each.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
