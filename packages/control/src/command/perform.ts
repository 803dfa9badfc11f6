/** The one door by which commands leave, whoever asks: filled in, checked, noted, sent, and their answer taken up. */
import type { Actor, StationView } from '@sigec/store';
import type { Services } from '../context.js';
import { checkCommand, type Dispatched, sendCommand } from './dispatch.js';
import type { CommandContext, Payload, Surround } from './effect.js';
import { effectsOf } from './effects.js';

export interface Performed extends Dispatched {
  /** As it was sent. */
  readonly payload: Payload;
  /** What stands beside the answer: `request_id` and the like. */
  readonly beside: Readonly<Record<string, unknown>>;
}

export interface CommandOrder {
  readonly action: string;
  readonly payload: Payload;
  /** Until the charger has answered, ms. */
  readonly timeoutMs: number;
  /** The command of the queue that it is an attempt of. */
  readonly commandId?: number | undefined;
  /** Called as it leaves: what fails before that surely did not arrive. */
  readonly leaving?: (() => void) | undefined;
}

/** @throws {ProblemError} for whatever is not an answer of the charger */
export async function perform(
  services: Pick<Services, 'config' | 'db' | 'logger' | 'clock' | 'gateway'>,
  actor: Actor,
  station: StationView,
  { action, payload: given, timeoutMs, commandId, leaving }: CommandOrder,
): Promise<Performed> {
  const context: CommandContext = { services, actor, station, action, commandId };
  const effects = effectsOf(action);
  let payload = given;
  for (const effect of effects) payload = (await effect.fill?.(context, payload)) ?? payload;
  const checked = await checkCommand(station, action, payload);
  const surrounds: Surround[] = [];
  let sent: Dispatched;
  try {
    for (const effect of effects) {
      const surround = await effect.begin?.(context, payload);
      if (surround !== undefined) surrounds.unshift(surround);
    }
    leaving?.();
    sent = await sendCommand(services.gateway, station, checked, timeoutMs);
  } catch (error) {
    for (const surround of surrounds) await surround.failed?.(error);
    throw error;
  }
  let beside = {};
  for (const surround of surrounds) beside = { ...beside, ...(await surround.answered?.(sent)) };
  return { ...sent, payload, beside };
}
