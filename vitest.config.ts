/** Every test of the house: beside the code, and end to end with real processes. */
import { defineConfig } from 'vitest/config';

/** Their tests leave nothing behind in their process: they share it, what it has loaded and its databases in memory. */
const SHARED = ['contract', 'domain', 'ocpp', 'runtime', 'sim', 'worker', 'control'];

const shared = SHARED.map((name) => `packages/${name}/src/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['{packages/*,bench,loadtest}/src/**/*.test.ts', 'packages/cli/e2e/**/*.test.ts'],
          exclude: shared,
        },
      },
    ],
    pool: 'forks',
    // What is built is loaded as it is: to have Vite read it again for each file doubles the time of the small ones.
    server: { deps: { external: [/\/(?:packages\/[^/]+|bench|loadtest)\/dist\//] } },
    // Two cores: the end-to-end files start a handful of processes each.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
