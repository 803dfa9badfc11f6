/** Until when a token or a key lets its holder listen. Whether it is good is the word of `Callers`. */
import { z } from 'zod';
import { type Callers, permissionsHeld } from '../auth/callers.js';
import type { Caller } from '../context.js';

/** A token or a key that was found good. */
export interface Admission {
  readonly actor: Caller;
  /** As it is asked about again: what lets people in may be taken back. */
  readonly header: string;
  /** ms since 1970; undefined where it does not say. */
  readonly expiresAt: number | undefined;
}

const Expiry = z.object({ exp: z.number() });

/** The `exp` of the header's JWT (RFC 7519 section 4.1.4), whose signature somebody else has verified. */
function expiryOf(header: string): number | undefined {
  try {
    const payload = Buffer.from(header.split('.')[1] ?? '', 'base64url').toString('utf8');
    const read = Expiry.safeParse(JSON.parse(payload));
    return read.success ? read.data.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** Whom an Authorization header lets in; undefined where it holds nothing of ours, or its time is over. */
export async function admit(callers: Callers, header: string): Promise<Admission | undefined> {
  const actor = await callers.of(header);
  if (actor === undefined) return undefined;
  return { actor, header, expiresAt: actor.keyId === undefined ? expiryOf(header) : actor.endsAt };
}

/** By whom connections are counted: a key has a room of its own beside that of its maker. */
export const holderOf = ({ userId, keyId }: Caller): string => (keyId === undefined ? userId : `key:${keyId}`);

/** Whether a later look finds the same one who may do the same. */
export function isSame(before: Caller, now: Caller): boolean {
  if (holderOf(before) !== holderOf(now) || before.tenantId !== now.tenantId || before.role !== now.role) return false;
  const [had, has] = [permissionsHeld(before), permissionsHeld(now)];
  return had.size === has.size && [...had].every((permission) => has.has(permission));
}
