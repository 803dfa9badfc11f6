/** Whose certificate it is: the names by which a charger's certificate binds it to its identity. */
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';

/** One entry of Node's rendering of the alternative names; a value with a comma or a quote in it stands in quotes. */
const ENTRY = /([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/** The DNS and URI names; none where the text has an entry that does not read: it may hide the end of another. */
function alternativeNames(text: string): string[] {
  const names: string[] = [];
  ENTRY.lastIndex = 0;
  while (ENTRY.lastIndex < text.length) {
    const found = ENTRY.exec(text);
    if (found === null) return [];
    const [, kind, value = ''] = found;
    // What is quoted has characters that no identity of ours needs to have here.
    if ((kind === 'DNS' || kind === 'URI') && !value.startsWith('"')) names.push(value);
  }
  return names;
}

/** The common names, then the DNS and URI alternative names. */
export function namesOf({ subject, subjectaltname }: PeerCertificate | DetailedPeerCertificate): string[] {
  // Node gives a list where a subject has several.
  const common = subject?.CN as string | string[] | undefined;
  return [common ?? [], alternativeNames(subjectaltname ?? '')].flat();
}

/** Letter for letter: an identity is what the charger's URL says, and nothing else may pass for it. */
export function isBoundTo(certificate: PeerCertificate, identity: string): boolean {
  return namesOf(certificate).includes(identity);
}
