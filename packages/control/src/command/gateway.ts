/**
 * One command to one charger, whoever holds it. It always ends: the charger's answer, its error, timeout, offline, lost.
 * A command that may have been delivered is never sent again.
 */
import { randomUUID } from 'node:crypto';
import { type Bus, BusPayloadError, BusTimeoutError, BusUnavailableError, NoRespondersError } from '@sigec/bus';
import { type CommandReply, downSubject, packDown, tokenOf, unpackCommandReply } from '@sigec/contract';
import {
  CircuitOpenError,
  type Circuits,
  type Clock,
  type Logger,
  type Metrics,
  sleep,
  systemClock,
} from '@sigec/runtime';

export interface Command {
  readonly identity: string;
  readonly action: string;
  /** JSON text. */
  readonly payload: string;
  /** Until the charger has answered, queueing and looking for it included, ms. */
  readonly timeoutMs: number;
}

type Ending =
  | { readonly status: 'result'; readonly payload: string }
  | { readonly status: 'error'; readonly code: string; readonly description: string; readonly details: string }
  /**
   * `away`: the bus is, and nothing was sent. `unavailable`: it went away after something was. `too-large`: it does not take
   * it.
   */
  | { readonly status: 'timeout' | 'lost' | 'busy' | 'offline' | 'away' | 'unavailable' | 'too-large' };

/** How a command ended. `messageId` is the OCPP message id of the CALL. */
export type CommandOutcome = Ending & { readonly messageId: string; readonly latencyMs: number };

export interface CommandGateway {
  /** Never rejects. */
  send(command: Command): Promise<CommandOutcome>;
  /**
   * Ends the session of a station whose epoch was counted up in the database: its holder hears a newer claim and closes.
   * Where the bus is away the holder learns it with the charger's next message.
   */
  supersede(identity: string, epoch: number): void;
}

export interface CommandGatewayOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly circuits: Circuits;
  /** How long nobody listening may be a session on the move, ms. Default 5000. */
  readonly offlineGraceMs?: number;
  readonly clock?: Clock;
}

/** Between two looks for the charger, ms. */
const RETRY_MS = 200;
/** What the edge's own timeout gets before ours, so that its answer wins, ms. */
const MARGIN_MS = 1000;
/** How long a bus that failed is left alone, ms: less than the time that a charger is looked for. */
const OPEN_MS = 1000;
/** At once in this process; more are refused as busy. */
const MAX_IN_FLIGHT = 5000;

/** One attempt: an ending, or what allows another. */
type Attempt = Ending | { readonly status: 'unknown' } | { readonly status: 'moved' };

export function createCommandGateway(options: CommandGatewayOptions): CommandGateway {
  const { bus, logger, metrics } = options;
  const clock = options.clock ?? systemClock;
  const graceMs = options.offlineGraceMs ?? 5000;
  // A charger that is silent, or nobody's, is no failure of the bus.
  const circuit = options.circuits.of('bus', {
    openMs: OPEN_MS,
    counts: (error) => error instanceof BusUnavailableError,
  });
  const seconds = metrics.histogram<'outcome'>({
    name: 'sigec_command_seconds',
    help: 'From the request of a command to its end.',
    labels: ['outcome'],
  });
  let inFlight = 0;
  metrics.gauge({ name: 'sigec_commands_in_flight', help: 'Commands under way.', collect: () => inFlight });

  const attempt = async (subject: string, data: Uint8Array, waitMs: number): Promise<Attempt> => {
    // Nothing was sent yet, so a bus that comes back in a moment may be waited for; once sent, a lost bus is an ending.
    if (bus.status !== 'connected') return { status: 'away' };
    let reply: CommandReply;
    try {
      reply = unpackCommandReply(await circuit.run(() => bus.request(subject, data, waitMs)));
    } catch (err) {
      if (err instanceof CircuitOpenError) return { status: 'away' };
      if (err instanceof NoRespondersError) return { status: 'unknown' };
      if (err instanceof BusTimeoutError) return { status: 'timeout' };
      if (err instanceof BusUnavailableError) return { status: 'unavailable' };
      if (err instanceof BusPayloadError) return { status: 'too-large' };
      // An answer that cannot be read: the command was delivered, and what became of it is not known.
      logger.error({ err, subject }, 'command: the answer could not be read');
      return { status: 'lost' };
    }
    if (reply.status === 'result' || reply.status === 'error') return reply;
    // The session ended before the CALL went out: safe to look for the next one.
    return reply.status === 'moved' ? { status: 'moved' } : { status: reply.status };
  };

  const run = async (command: Command, messageId: string, started: number): Promise<Ending> => {
    const subject = downSubject(tokenOf(command.identity));
    const deadline = started + command.timeoutMs;
    let unknownSince: number | undefined;
    for (;;) {
      const left = deadline - clock.monotonic();
      if (left <= 0) return { status: unknownSince === undefined ? 'timeout' : 'offline' };
      const { action, payload } = command;
      const data = packDown({ type: 'command', id: messageId, action, payload, timeoutMs: Math.ceil(left) });
      const result = await attempt(subject, data, Math.ceil(left) + MARGIN_MS);
      // A closed bus does not come back.
      if (bus.status === 'closed' && result.status === 'away') return result;
      if (result.status === 'unknown' || result.status === 'away') {
        const now = clock.monotonic();
        unknownSince ??= now;
        // Known at the last moment only: a charger that moves between edges is nobody's for a while.
        if (now - unknownSince + RETRY_MS > graceMs || now + RETRY_MS > deadline)
          return { status: result.status === 'away' ? 'away' : 'offline' };
      } else if (result.status === 'moved') unknownSince = undefined;
      else return result;
      await sleep(RETRY_MS);
    }
  };

  return {
    supersede(identity, epoch) {
      if (bus.status === 'connected')
        bus.publish(downSubject(tokenOf(identity)), packDown({ type: 'claim', epoch, edgeId: 'control' }));
    },

    async send(command) {
      const messageId = randomUUID();
      const started = clock.monotonic();
      let ending: Ending;
      if (inFlight >= MAX_IN_FLIGHT) ending = { status: 'busy' };
      else {
        inFlight += 1;
        try {
          ending = await run(command, messageId, started);
        } catch (err) {
          logger.error({ err, action: command.action }, 'command: failed');
          ending = { status: 'lost' };
        } finally {
          inFlight -= 1;
        }
      }
      const latencyMs = Math.round(clock.monotonic() - started);
      seconds.with({ outcome: ending.status }).observe(latencyMs / 1000);
      const { identity, action } = command;
      logger.info({ identity, action, messageId, outcome: ending.status, ms: latencyMs }, 'command');
      return { ...ending, messageId, latencyMs };
    },
  };
}
