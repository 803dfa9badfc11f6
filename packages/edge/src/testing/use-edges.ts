/** For tests: whole edges on a free port, on a memory bus with a worker behind it, fresh for each test and closed after it. */
import { createMemoryBus, type MemoryBusHub } from '@sigec/bus';
import { createMemoryCache, type MemoryCache } from '@sigec/cache';
import { createMetrics } from '@sigec/runtime';
import { afterEach, beforeEach, vi } from 'vitest';
import { type Edge, startEdge } from '../edge.js';
import type { EdgeSettings } from '../settings.js';
import { memoryLogger, SETTINGS } from './fixtures.js';
import { FakeWorker } from './worker.js';

export interface Edges {
  readonly hub: MemoryBusHub;
  readonly worker: FakeWorker;
  readonly edge: Edge;
  /** Of the edge that was started last. */
  readonly lines: string[];
  readonly cache: MemoryCache;
}

/** To be called in a file's outermost scope; `use` gets those of each test, and again what {@link Start} made. */
export type Start = (more?: Partial<EdgeSettings>) => Promise<Edge>;

export function useEdges(use: (edges: Edges) => void): Start {
  const opened: Edge[] = [];
  let hub: MemoryBusHub;
  let worker: FakeWorker;
  let first: Edge | undefined;
  const start: Start = async (more = {}) => {
    const { logger, lines } = memoryLogger();
    const cache = createMemoryCache();
    const settings = { ...SETTINGS, ...more };
    const made = await startEdge({ bus: hub.connect('edge'), cache, settings, logger, metrics: createMetrics('edge') });
    opened.push(made);
    first ??= made;
    use({ hub, worker, edge: first, lines, cache });
    return made;
  };
  beforeEach(async () => {
    hub = createMemoryBus();
    worker = new FakeWorker(hub.connect('worker'));
    first = undefined;
    await start();
  });
  afterEach(async () => {
    vi.useRealTimers();
    // What a test holds back would hold back the drain.
    worker.onCall = () => undefined;
    hub.reconnectAll();
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });
  return start;
}

/** A 503 spreads those who come back over 5 to 30 seconds. */
export const inAWhile = (seconds: unknown) => Number(seconds) >= 5 && Number(seconds) <= 30;

/** Of the first line of an HTTP answer. */
export const status = (text: string) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
