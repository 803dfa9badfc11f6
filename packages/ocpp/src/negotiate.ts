/** Choice of the subprotocol at the WebSocket handshake (OCPP-J 1.6 section 3.1.2, 2.x part 4 section 3.1.2). */
import { OCPP_VERSIONS, type OcppVersion } from './version.js';

/** The version agreed on, and the client's own spelling of it, which is what the answer must echo (RFC 6455 4.1). */
export interface Negotiated {
  readonly version: OcppVersion;
  readonly token: string;
}

/** A header beyond these bounds is not a station's; the rest of it is not looked at. */
const MAX_HEADER = 1024;
const MAX_TOKENS = 32;

/**
 * Picks by the server's preference (2.1, 2.0.1, 1.6), not by the order offered. Letter case is ignored: stations
 * that offer `OCPP1.6` exist.
 * @param offered the raw Sec-WebSocket-Protocol header; several headers joined with commas
 * @param allowed versions the server takes here; all by default. The preference stays the server's
 * @returns null where nothing fits, or nothing was offered
 */
export function negotiateSubprotocol(
  offered: string | null | undefined,
  allowed: readonly OcppVersion[] = OCPP_VERSIONS,
): Negotiated | null {
  if (offered === null || offered === undefined || offered === '') return null;
  const tokens = offered
    .slice(0, MAX_HEADER)
    .split(',', MAX_TOKENS)
    .map((token) => token.trim());
  for (const version of OCPP_VERSIONS) {
    if (!allowed.includes(version)) continue;
    const token = tokens.find((candidate) => candidate.toLowerCase() === version);
    if (token !== undefined) return { version, token };
  }
  return null;
}
