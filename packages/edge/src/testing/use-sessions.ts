/** For tests: sessions on a memory bus with a worker behind it, fresh for each test and closed after it. */
import { type Bus, createMemoryBus, type MemoryBusHub } from '@sigec/bus';
import { afterEach, beforeEach } from 'vitest';
import type { EdgeSettings } from '../settings.js';
import { type FakeSocket, type TestEdge, testEdge } from './sessions.js';
import { FakeWorker } from './worker.js';

export interface Sessions {
  readonly hub: MemoryBusHub;
  readonly edge: TestEdge;
  readonly worker: FakeWorker;
  /** Where commands come from. */
  readonly control: Bus;
  /** A further edge on the same bus. */
  another(...options: [edgeId: string, settings?: Partial<EdgeSettings>]): TestEdge;
}

/** To be called in a file's outermost scope; `use` gets those of each test. */
export function useSessions(use: (sessions: Sessions) => void): void {
  let edges: TestEdge[];
  let control: Bus;
  beforeEach(() => {
    const hub = createMemoryBus();
    const worker = new FakeWorker(hub.connect('worker'));
    control = hub.connect('control');
    const edge = testEdge(hub);
    edges = [edge];
    const another: Sessions['another'] = (...options) => {
      const made = testEdge(hub, ...options);
      edges.push(made);
      return made;
    };
    use({ hub, edge, worker, control, another });
  });
  afterEach(async () => {
    await Promise.all(edges.map((one) => one.close()));
    await control.close();
  });
}

/** The text of a CALL of a charger, and of its answer to one. */
export const call = (id: string, action = 'Heartbeat', payload = '{}') => `[2,"${id}","${action}",${payload}]`;
export const result = (id: string, payload = '{}') => `[3,"${id}",${payload}]`;
/** The ids of the CALLs a charger got. */
export const callsTo = (socket: FakeSocket) => socket.frames.filter(([type]) => type === 2).map(([, id]) => id);
