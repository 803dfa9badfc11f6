/** What belongs to commands of certificates, security events, and ISO 15118. */
import type { EffectRow } from '../effect.js';

export const SECURITY_EFFECTS: readonly EffectRow[] = [];
