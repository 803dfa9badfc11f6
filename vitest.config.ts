/** Every test of the house: beside the code, and end to end with real processes. */
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** They leave nothing behind in their process: they share it, with what it has loaded and its databases in memory. */
const unit = [
  'packages/*/src/**/*.test.ts',
  'bench/src/{maths,ceiling/result,report/page}.test.ts',
  'loadtest/src/{chaos/ledger,chaos/recovery,chaos/schedule,fleet/parts,run/options}.test.ts',
  'loadtest/src/{measure,ocpp,report,swarm,ws}/**/*.test.ts',
];

/** Half a minute each, on the database: neither may be the last to begin. */
const store = ['packages/store/src/{pglite,postgres}.test.ts'];

/** Swarms against a CSMS of their own: they wait nearly all the time. */
const swarms = ['loadtest/src/{cli,run}/*.test.ts'];

/** They start the product's processes, and mostly wait for them. */
const real = ['packages/cli/e2e/**/*.test.ts', 'loadtest/src/**/*.test.ts', 'bench/src/**/*.test.ts'];

/** Those of half a minute and more begin first, so that none is left for the end. */
const long = [
  'packages/cli/e2e/{blocks,cluster,edge-name,embedded,health,partition}.e2e.test.ts',
  'loadtest/src/{chaos/chaos,fleet/fleet,fleet/scenarios,overload/overload}.test.ts',
];

interface Way {
  readonly exclude?: string[];
  readonly isolate?: boolean;
  readonly maxWorkers: number;
  readonly retry?: number;
  /** Those of one order run together, by name. */
  readonly groupOrder: number;
}

const project = (name: string, include: string[], { groupOrder, ...way }: Way): TestProjectInlineConfiguration => ({
  extends: true,
  test: { name, include, sequence: { groupOrder }, ...way },
});

export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: 'packages/testkit/src/shelf.ts',
    projects: [
      // Fleets and clusters of real processes: a third at once on two cores starves their clients. What a machine that
      // stalls has broken is tried once more, and the report says so.
      project('long', long, { maxWorkers: 2, retry: 1, groupOrder: 0 }),
      project('real', real, { exclude: [...long, ...unit, ...swarms], maxWorkers: 2, retry: 1, groupOrder: 0 }),
      // `npm test` runs these beside the others, not after them (.ci/test.mjs).
      project('store', store, { isolate: false, maxWorkers: 2, groupOrder: 1 }),
      project('swarms', swarms, { exclude: unit, maxWorkers: 2, retry: 1, groupOrder: 1 }),
      project('unit', unit, { exclude: store, isolate: false, maxWorkers: 2, groupOrder: 1 }),
    ],
    // What is built is loaded as it is: to have Vite read it again for each file doubles the time of the small ones.
    server: { deps: { external: [/\/(?:packages\/[^/]+|bench|loadtest)\/dist\//] } },
    // What hangs is found out. A machine with ten times the work of its own only takes longer, and no test fails of it.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    teardownTimeout: 20_000,
  },
});
