/** For tests: an edge's context on a memory bus, and sessions whose sockets remember what was done to them. */
import type { Bus, MemoryBusHub } from '@sigec/bus';
import {
  type CommandReply,
  downSubject,
  packDown,
  partitionOf,
  tokenOf,
  UPLINK,
  unpackCommandReply,
} from '@sigec/contract';
import { createMetrics, type Metrics } from '@sigec/runtime';
import { createStamp } from '../clock.js';
import { type EdgeContext, edgeCounts } from '../context.js';
import { Lockout } from '../guard/lockout.js';
import { Pressure } from '../guard/pressure.js';
import { type Admitted, Session } from '../session.js';
import type { EdgeSettings } from '../settings.js';
import type { Socket } from '../socket.js';
import { Uplink } from '../uplink.js';
import { memoryLogger, SETTINGS } from './fixtures.js';

/** As uWebSockets.js does it, a close of ours is told to the session within the call. */
export class FakeSocket implements Socket {
  readonly sent: string[] = [];
  readonly ended: [number, string][] = [];
  closed = false;
  pings = 0;
  /** What `send` says next: 2 = the buffer is full. */
  result = 1;
  session: Session | undefined;

  send(text: string): number {
    if (this.closed) throw new Error('invalid access of a closed socket');
    if (this.result !== 2) this.sent.push(text);
    return this.result;
  }
  end(code: number, reason: string): void {
    this.ended.push([code, reason]);
    this.closed = true;
    this.session?.closed(code);
  }
  close(): void {
    this.closed = true;
    this.session?.closed(1006);
  }
  ping(): number {
    this.pings++;
    return 1;
  }
  /** The frames sent, parsed. */
  get frames(): unknown[][] {
    return this.sent.map((text) => JSON.parse(text) as unknown[]);
  }
}

export interface TestEdge {
  readonly bus: Bus;
  readonly context: EdgeContext;
  readonly metrics: Metrics;
  readonly lines: string[];
  readonly idle: Session[];
  open(more?: Partial<Admitted>): { session: Session; socket: FakeSocket };
  close(): Promise<void>;
}

/** The parts of an edge around its sessions, without a port. */
export function testEdge(hub: MemoryBusHub, edgeId = 'e1', more: Partial<EdgeSettings> = {}): TestEdge {
  const bus = hub.connect(edgeId);
  const settings = { ...SETTINGS, edgeId, ...more };
  const metrics = createMetrics('edge');
  const { logger, lines } = memoryLogger();
  const uplink = new Uplink(bus, edgeId, logger, metrics);
  const idle: Session[] = [];
  let messageIds = 0;
  const context: EdgeContext = {
    bus,
    uplink,
    settings,
    logger,
    counts: edgeCounts(metrics),
    pressure: new Pressure(),
    lockout: new Lockout(),
    stamp: createStamp(),
    messageId: () => `own-${++messageIds}`,
    attend: () => undefined,
    sessionClosed({ admitted: { partition, stationId, epoch } }, code) {
      const item = { kind: UPLINK.disconnect, seq: 0, stationId, epoch, code, at: Date.now() };
      uplink.ask(partition, item, 60_000, { replied: () => undefined, expired: () => undefined });
    },
    sessionIdle: (session) => idle.push(session),
  };
  return {
    bus,
    context,
    metrics,
    lines,
    idle,
    open(admitted = {}) {
      const identity = admitted.identity ?? 'CP1';
      const token = tokenOf(identity);
      const session = new Session(context, {
        identity,
        token,
        partition: partitionOf(token, settings.partitions),
        stationId: 1,
        epoch: 1,
        version: 'ocpp1.6',
        booted: true,
        pingSeconds: 0,
        ...admitted,
      });
      const socket = new FakeSocket();
      socket.session = session;
      session.open(socket);
      return { session, socket };
    },
    async close() {
      uplink.close();
      await bus.close();
    },
  };
}

let commands = 0;

/** A command as the control role sends it; its end, when it comes. */
export function command(bus: Bus, action: string, payload: object = {}, timeoutMs = 5_000, identity = 'CP1') {
  const id = `c${++commands}`;
  const sent = packDown({ type: 'command', id, action, payload: JSON.stringify(payload), timeoutMs });
  const reply: Promise<CommandReply> = bus
    .request(downSubject(tokenOf(identity)), sent, 10_000)
    .then(unpackCommandReply);
  // Not every test waits for its end.
  reply.catch(() => undefined);
  return { id, reply };
}
