/** What a test can ask of the whole product, whichever way it runs. */
import type { Mail } from './mail.js';
import type { LogLine } from './process.js';
import type { CreatedDevice, Rest } from './rest.js';

export const ADMIN = { email: 'admin@example.com', password: 'a-long-password-1' } as const;

export interface System {
  readonly rest: Rest;
  /** OCPP endpoints without the identity: one per edge. */
  readonly endpoints: readonly string[];
  /** Addresses of health and metrics, by the role that answers there. */
  readonly operations: Readonly<Record<string, string>>;
  /** What all processes logged so far. */
  log(): LogLine[];
  /** What was to be sent to an address. The embedded run is stopped for it: its database has one owner at a time. */
  mails(recipient: string): Promise<Mail[]>;
  /** What all processes said, for failures. */
  words(): string;
  close(): Promise<void>;
}

let numbers = 0;

/** A name that no other test of this file uses. */
export const unique = (prefix: string): string => `${prefix}-${process.pid}-${++numbers}`;

/** The endpoint of the n-th edge; where there is one edge, always that. */
export function endpoint({ endpoints }: System, n = 0): string {
  return endpoints[n % endpoints.length] as string;
}

/** Registers a station under a fresh identity. */
export function register({ rest }: System, more: Readonly<Record<string, unknown>> = {}): Promise<CreatedDevice> {
  return rest.createDevice(unique('CP'), more);
}

/** A token that may charge. */
export async function validToken({ rest }: System): Promise<string> {
  const value = unique('TAG').toUpperCase().slice(-20);
  await rest.createIdToken(value);
  return value;
}
