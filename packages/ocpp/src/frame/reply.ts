/** What each version wants to be answered to a frame that is none. */
import { type ErrorMeaning, errorCode } from '../errors.js';
import type { OcppVersion } from '../version.js';
import { type Malformed, type MalformedReason, MESSAGE_TYPE } from './read.js';
import { writeError, writeResultError } from './write.js';

/** The id of an answer to a frame whose own could not be read (2.0.1 part 4, section 4.2.3). */
export const UNREADABLE_ID = '-1';

const WORDS: Readonly<Record<MalformedReason, string>> = {
  not_json: 'frame is not valid JSON',
  not_array: 'frame is not a JSON array',
  bad_type: 'message type not supported',
  bad_id: 'message id must be a non-empty string',
  too_long_id: 'message id too long',
  bad_action: 'action must be a non-empty string',
  bad_payload: 'payload must be an object',
  bad_error: 'error code, description or details not understood',
  extra_elements: 'frame has too many elements',
  truncated: 'frame is incomplete',
};

/**
 * The frame that answers a malformed one, or null where none may or can be sent.
 *
 * Only requests are answered with CALLERROR: one sent for a broken response could be taken for the answer to a request
 * of the same id in the other direction. 2.1 has CALLRESULTERROR for a broken CALLRESULT (part 4, section 4.2.4), and
 * a SEND is never answered.
 *
 * 1.6: FormationViolation with the id, nothing without one. A frame of a message type it does not have is ignored
 * (section 4.1.3); a type that is no number at all is a formation error. 2.x: FormatViolation where the frame around the
 * payload was understood, else RpcFrameworkError; MessageTypeNotSupported for an unknown type; id "-1" where unreadable.
 */
export function errorReplyFor(frame: Malformed, version: OcppVersion): string | null {
  const { reason, type, id } = frame;
  const is16 = version === 'ocpp1.6';
  if (reason === 'bad_type') {
    if (is16) return type === null && id !== null ? answer(version, 'formation', id, reason) : null;
    return answer(version, 'messageType', id ?? UNREADABLE_ID, reason);
  }
  if (type === MESSAGE_TYPE.result) {
    if (version !== 'ocpp2.1' || id === null) return null;
    return writeResultError(id, errorCode(version, meaningOf(frame)), WORDS[reason]);
  }
  if (type !== null && type !== MESSAGE_TYPE.call) return null;
  if (is16) return id === null ? null : answer(version, 'formation', id, reason);
  return answer(version, meaningOf(frame), id ?? UNREADABLE_ID, reason);
}

function answer(version: OcppVersion, meaning: ErrorMeaning, id: string, reason: MalformedReason): string {
  return writeError(id, errorCode(version, meaning), WORDS[reason]);
}

function meaningOf({ reason, id }: Malformed): ErrorMeaning {
  const payloadAtFault = reason === 'bad_payload' || (reason === 'truncated' && id !== null);
  return payloadAtFault ? 'formation' : 'rpcFramework';
}
