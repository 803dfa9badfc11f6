/** Which requests for a certificate are passed on to an authority: whose they are, and what key they have. */

/** What stands in a certificate request, read. */
export interface CertificateRequestFacts {
  readonly commonNames: readonly string[];
  readonly organisations: readonly string[];
  readonly key: PublicKeyFacts;
}

export type PublicKeyFacts =
  | { readonly kind: 'ec'; readonly curve: string }
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'other' };

/** The same of a key as the Web Cryptography API names it. */
export function publicKeyFacts(algorithm: { readonly name: string }): PublicKeyFacts {
  const { name, namedCurve, modulusLength } = algorithm as {
    name: string;
    namedCurve?: string;
    modulusLength?: number;
  };
  if (namedCurve !== undefined && name.startsWith('EC')) return { kind: 'ec', curve: namedCurve };
  if (modulusLength !== undefined && name.startsWith('RSA')) return { kind: 'rsa', bits: modulusLength };
  return { kind: 'other' };
}

/** Who asks. */
export interface CertificateAskerFacts {
  readonly identity: string;
  /** As the station told it at its boot. */
  readonly serialNumber: string | null;
}

/** `reason` fits the reasonCode of 2.x: at most 20 characters. */
export interface CertificateRefusal {
  readonly reason: 'InvalidCSR' | 'InvalidKey' | 'InvalidSubject' | 'NoProvider';
  readonly detail: string;
}

const CURVES: readonly string[] = ['P-256', 'P-384', 'P-521'];
/** A00.FR.504, 505: at least 112 bits of strength. */
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;
const MOST_ORGANISATION = 64;

/**
 * The first rule that a request for a station's own certificate breaks; undefined where it may be issued. 2.x A02 and A00.FR.510,
 * 511; 1.6 security extension A02: the common name is what the station is known by, the organisation its operator's.
 */
export function certificateRefusal(
  { commonNames, organisations, key }: CertificateRequestFacts,
  { identity, serialNumber }: CertificateAskerFacts,
): CertificateRefusal | undefined {
  const keyIsFit =
    (key.kind === 'ec' && CURVES.includes(key.curve)) ||
    (key.kind === 'rsa' && key.bits >= LEAST_RSA_BITS && key.bits <= MOST_RSA_BITS);
  if (!keyIsFit)
    return { reason: 'InvalidKey', detail: 'csr: EC P-256, P-384, P-521 or RSA of 2048 to 8192 bits wanted' };
  const [name, ...others] = commonNames;
  if (name === undefined || others.length > 0 || (name !== identity && name !== serialNumber))
    return { reason: 'InvalidSubject', detail: "csr: the common name must be the station's identity or serial number" };
  if (organisations.length > 1 || organisations.some((text) => text.length > MOST_ORGANISATION))
    return { reason: 'InvalidSubject', detail: 'csr: one organisation of at most 64 characters' };
  return undefined;
}

/** How long a repetition of a request that has ended well is still taken for that request, ms. */
const REPEAT_MS = 60_000;

/**
 * Whether a request that was seen before begins anew: a station may ask with the same key years later, and the bus may bring
 * the same message twice within seconds.
 */
export function asksAnew(
  before: { readonly status: string | null; readonly endedAt: number | null } | undefined,
  now: number,
): boolean {
  if (before === undefined || before.status === null) return true;
  if (before.endedAt === null) return false;
  return before.status !== 'installed' || now - before.endedAt > REPEAT_MS;
}
