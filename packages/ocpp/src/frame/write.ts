/** Writes OCPP-J frames (1.6-J section 4.2, 2.x part 4 section 4.2) as text, each payload stringified at most once. */

/** A payload as a plain object, or as JSON text that is taken as it stands. */
export type PayloadInput = object | string;

/** errorDescription is a string of at most 255 characters (2.x part 4 section 4.2.3). */
export const MAX_DESCRIPTION = 255;

const textOf = (payload: PayloadInput): string => (typeof payload === 'string' ? payload : JSON.stringify(payload));

/** CALL: `[2, id, action, payload]`. Throws TypeError where the payload is no JSON value (a cycle, a BigInt). */
export function writeCall(id: string, action: string, payload: PayloadInput): string {
  return writeCallText(id, action, textOf(payload));
}

/** CALL with the payload's JSON text as it stands. */
export function writeCallText(id: string, action: string, payloadText: string): string {
  return `[2,${JSON.stringify(id)},${JSON.stringify(action)},${payloadText}]`;
}

/** CALLRESULT: `[3, id, payload]`. */
export function writeResult(id: string, payload: PayloadInput): string {
  return `[3,${JSON.stringify(id)},${textOf(payload)}]`;
}

/** CALLERROR: `[4, id, code, description, details]`. The description is cut to {@link MAX_DESCRIPTION}. */
export function writeError(id: string, code: string, description = '', details: PayloadInput = {}): string {
  return errorFrame(4, id, code, description, details);
}

/** CALLRESULTERROR (2.1): the answer to a CALLRESULT that could not be understood. */
export function writeResultError(id: string, code: string, description = '', details: PayloadInput = {}): string {
  return errorFrame(5, id, code, description, details);
}

/** SEND (2.1): `[6, id, action, payload]`, never answered. */
export function writeSend(id: string, action: string, payload: PayloadInput): string {
  return `[6,${JSON.stringify(id)},${JSON.stringify(action)},${textOf(payload)}]`;
}

function errorFrame(type: 4 | 5, id: string, code: string, description: string, details: PayloadInput): string {
  const short = JSON.stringify(description.slice(0, MAX_DESCRIPTION));
  return `[${type},${JSON.stringify(id)},${JSON.stringify(code)},${short},${textOf(details)}]`;
}
