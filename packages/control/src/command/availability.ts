/**
 * Takes a station into or out of service: as a whole, or EVSE by EVSE where its firmware refuses the whole (1.6 5.2 lets a
 * charger answer for connector 0; not all do).
 */
import type { Actor, StationDetail } from '@sigec/store';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { versionOf } from './dispatch.js';
import type { Payload } from './effect.js';
import { type Performed, perform } from './perform.js';
import { requireVerb } from './wish.js';

export interface AvailabilityWish {
  readonly available: boolean;
  readonly evseId?: number | undefined;
  readonly connectorId?: number | undefined;
}

export interface AvailabilityPart {
  readonly evseId: number;
  /** The charger's word, or the code of the problem that its command ended in. */
  readonly result: string;
}

export interface Availability {
  /** `Scheduled`: a transaction has to end first. `Partial`: some parts would, some would not. */
  readonly result: 'Accepted' | 'Scheduled' | 'Partial';
  /** The last message that was sent. */
  readonly sent: Performed;
  /** Where the whole was refused: what became of each EVSE. */
  readonly parts: readonly AvailabilityPart[];
}

const isYes = (word: string): word is 'Accepted' | 'Scheduled' => word === 'Accepted' || word === 'Scheduled';

/**
 * @param timeoutMs for all its messages together
 * @throws {ProblemError} `command-rejected` where no part would; whatever else the whole ended in
 */
export async function changeAvailability(
  services: Services,
  actor: Actor,
  station: StationDetail,
  wish: AvailabilityWish,
  timeoutMs: number,
): Promise<Availability> {
  const deadline = services.clock.monotonic() + timeoutMs;
  const verb = requireVerb('set-availability');
  const send = async (evseId: number | undefined, connectorId: number | undefined): Promise<Performed> => {
    const body = { available: wish.available, evse_id: evseId, connector_id: connectorId };
    const [planned] = verb.plan(versionOf(station), station, body);
    if (planned === undefined) throw new ProblemError('internal');
    const left = Math.max(1, Math.min(timeoutMs, deadline - services.clock.monotonic()));
    return perform(services, actor, station, { ...planned, timeoutMs: left });
  };
  const wordOf = (response: Payload) => String(response.status);

  const first = await send(wish.evseId, wish.connectorId);
  const said = wordOf(first.response);
  if (isYes(said)) return { result: said, sent: first, parts: [] };
  const evses = [...new Set(station.connectors.map(({ evseId }) => evseId))].filter((evseId) => evseId > 0);
  const parts: AvailabilityPart[] = [];
  let sent = first;
  for (const evseId of wish.evseId === undefined ? evses : []) {
    try {
      sent = await send(evseId, undefined);
      parts.push({ evseId, result: wordOf(sent.response) });
    } catch (error) {
      // What the others said holds, so the answer has to tell of it.
      if (!(error instanceof ProblemError)) throw error;
      parts.push({ evseId, result: error.code });
    }
  }
  const yes = parts.filter(({ result }) => isYes(result));
  if (yes.length === 0) {
    const { messageId: message_id, response } = first;
    const beside =
      parts.length === 0 ? {} : { parts: parts.map(({ evseId, result }) => ({ evse_id: evseId, result })) };
    throw new ProblemError('command-rejected', { extra: { message_id, response, ...beside } });
  }
  if (yes.length < parts.length) return { result: 'Partial', sent, parts };
  return { result: yes.some(({ result }) => result === 'Scheduled') ? 'Scheduled' : 'Accepted', sent, parts };
}
