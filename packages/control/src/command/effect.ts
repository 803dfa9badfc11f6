/** What belongs to a command beside the message itself, as a family of actions states it. */
import type { Actor, StationView } from '@sigec/store';
import type { Services } from '../context.js';
import type { Dispatched } from './dispatch.js';

export type Payload = Readonly<Record<string, unknown>>;

export interface CommandContext {
  readonly services: Pick<Services, 'config' | 'db' | 'logger' | 'clock'>;
  readonly actor: Actor;
  readonly station: StationView;
  readonly action: string;
  /** The command of the queue that it is an attempt of. */
  readonly commandId?: number | undefined;
}

/** What goes on around a command that is about to be sent. */
export interface Surround {
  /** After the charger's answer; what it gives stands beside the answer in REST, snake_case. */
  answered?(sent: Dispatched): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** No answer: {@link mayHaveArrived} tells whether the charger may have carried it out. */
  failed?(error: unknown): Promise<void>;
}

export interface Effect {
  /** Fills in what whoever asked left to us, before the payload is checked; whatever it is given may be nonsense. */
  fill?(context: CommandContext, payload: Payload): Promise<Payload>;
  /**
   * After the check and before the command leaves: a charger that obeys may say so before its answer is here.
   * @throws {ProblemError} where it must not be sent
   */
  begin?(context: CommandContext, payload: Payload): Promise<Surround | undefined>;
}

/** An effect, and the actions that it belongs to. */
export type EffectRow = readonly [actions: readonly string[], effect: Effect];
