/** Subjects: tokens between dots; `*` stands for one token, `>` for all that follow. */
import { BusSubjectError } from './errors.js';

/** NATS takes 4096 bytes of protocol line; a subject and its reply subject must fit in. */
const MAX_LENGTH = 1024;
const LITERAL = /^[^\s.*>]+(\.[^\s.*>]+)*$/;
const PATTERN = /^([^\s.*>]+|\*)(\.([^\s.*>]+|\*))*(\.>)?$/;

/** A subject to publish on. Spaces and line ends would become commands of the protocol. */
export function assertSubject(subject: string): void {
  if (subject.length > MAX_LENGTH || !LITERAL.test(subject)) {
    throw new BusSubjectError(`subject: ${JSON.stringify(subject.slice(0, 64))} cannot be published on`);
  }
}

/** A subject to subscribe, with wildcards. */
export function assertPattern(subject: string): void {
  if (subject.length > MAX_LENGTH || !(subject === '>' || PATTERN.test(subject))) {
    throw new BusSubjectError(`subject: ${JSON.stringify(subject.slice(0, 64))} cannot be subscribed`);
  }
}

export function assertQueue(queue: string | undefined): void {
  if (queue !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(queue)) {
    throw new BusSubjectError('queue: must be 1 to 64 characters of A-Z a-z 0-9 _ -');
  }
}

/** Events stand below one root, so that the stream takes them and nothing else. */
export function assertEventSubject(field: string, subject: string): void {
  if (!subject.startsWith('events.')) throw new BusSubjectError(`${field}: must begin with events.`);
}

export const hasWildcard = (pattern: string): boolean => pattern.includes('*') || pattern.includes('>');

/** Whether a subject falls under a pattern; both split at the dots. */
export function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  for (const [i, token] of pattern.entries()) {
    if (token === '>') return subject.length > i;
    if (i >= subject.length || (token !== '*' && token !== subject[i])) return false;
  }
  return pattern.length === subject.length;
}
