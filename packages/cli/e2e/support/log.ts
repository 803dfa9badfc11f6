/** The OCPP log held against what the charger saw. */
import type { Frame } from './charger.js';
import type { Message } from './rest.js';

interface Line {
  readonly from: 'charger' | 'csms';
  readonly type: string;
  readonly id: unknown;
  readonly action: unknown;
  readonly payload: unknown;
}

/** Frames as the log should tell them; an answer bears the action of its CALL. */
export function toldBy(frames: readonly Frame[]): Line[] {
  const actions = new Map<unknown, unknown>();
  return frames.map(({ direction, message }) => {
    const from = direction === 'out' ? 'charger' : 'csms';
    const [type, id, ...rest] = message;
    if (type === 2) {
      actions.set(id, rest[0]);
      return { from, type: 'call', id, action: rest[0], payload: rest[1] };
    }
    const action = actions.get(id);
    if (type === 3) return { from, type: 'result', id, action, payload: rest[0] };
    const [code, description, details] = rest;
    return { from, type: 'error', id, action, payload: { code, description, details } };
  });
}

export function toldByLog(messages: readonly Message[]): Line[] {
  return messages.map(({ direction, type, message_id, action, payload }) => ({
    from: direction === 'in' ? 'charger' : 'csms',
    type,
    id: message_id,
    action,
    payload,
  }));
}
