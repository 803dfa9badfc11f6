/** The version of every envelope. A decoder refuses what it does not know instead of guessing. */

export const ENVELOPE_VERSION = 1;

/** What arrived is not an envelope of a version that this release reads. Permanent: sending it again changes nothing. */
export class EnvelopeError extends Error {
  readonly temporary = false;
  constructor(reason: string, options?: ErrorOptions) {
    super(`envelope: ${reason}`, options);
    this.name = 'EnvelopeError';
  }
}
