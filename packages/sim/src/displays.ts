/** The room of messages on the display (2.x block O): set, told of, cleared, and gone when their time has come. */
import type { ChargingStation } from './charging.js';
import { type JsonObject, read } from './json.js';
import { say } from './operations.js';
import type { Handler } from './station.js';

const FORMATS = ['ASCII', 'UTF8', 'URI'];
const PRIORITIES = ['AlwaysFront', 'InFront', 'NormalCycle'];
const STATES = ['Charging', 'Faulted', 'Idle', 'Unavailable', 'Suspended', 'Discharging'];
const MOST_MESSAGES = 50;
/** Small, so that a report has parts. */
const MESSAGES_PER_PART = 2;

export function displays2x(station: ChargingStation): Record<string, Handler> {
  const messages = new Map<number, JsonObject>();

  const runs = (id: string) => station.evses.some((evse) => evse.charge?.ref === id);
  /** O02, O06: a message goes with its transaction, and at its end. */
  const prune = () => {
    for (const [id, message] of messages) {
      const transaction = read.optStr(message, 'transactionId');
      const end = read.optTime(message, 'endDateTime');
      if ((transaction !== undefined && !runs(transaction)) || (end !== undefined && end <= station.clock.now()))
        messages.delete(id);
    }
  };

  return {
    SetDisplayMessage: (p) => {
      const message = read.obj(p, 'message');
      const id = read.int(message, 'id');
      const transaction = read.optStr(message, 'transactionId');
      const state = read.optStr(message, 'state');
      prune();
      if (!FORMATS.includes(read.str(read.obj(message, 'message'), 'format'))) return say('NotSupportedMessageFormat');
      if (!PRIORITIES.includes(read.str(message, 'priority'))) return say('NotSupportedPriority');
      if (state !== undefined && !STATES.includes(state)) return say('NotSupportedState');
      if (transaction !== undefined && !runs(transaction)) return say('UnknownTransaction');
      if (messages.size >= MOST_MESSAGES && !messages.has(id)) return say('Rejected');
      messages.set(id, message);
      return say('Accepted');
    },
    GetDisplayMessages: (p) => {
      const requestId = read.int(p, 'requestId');
      const ids = Array.isArray(p.id) ? p.id : undefined;
      const [priority, state] = [read.optStr(p, 'priority'), read.optStr(p, 'state')];
      prune();
      const found = [...messages.values()].filter(
        (m) =>
          (ids === undefined || ids.includes(read.int(m, 'id'))) &&
          (priority === undefined || m.priority === priority) &&
          (state === undefined || m.state === state),
      );
      if (found.length === 0) return say('Unknown');
      return say('Accepted', () =>
        station.background(async () => {
          for (let at = 0; at < found.length; at += MESSAGES_PER_PART) {
            const messageInfo = found.slice(at, at + MESSAGES_PER_PART);
            const tbc = at + MESSAGES_PER_PART < found.length;
            await station.send('NotifyDisplayMessages', { requestId, messageInfo, tbc });
          }
        }),
      );
    },
    ClearDisplayMessage: (p) => {
      prune();
      return say(messages.delete(read.int(p, 'id')) ? 'Accepted' : 'Unknown');
    },
  };
}
