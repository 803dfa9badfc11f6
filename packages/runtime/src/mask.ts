/** Takes credentials out of text that is about to be shown. */

/** Masks the user part of every URL in a text: `nats://u:p@h` becomes `nats://***@h`. */
export function maskUrls(text: string): string {
  // Up to the last @ before the path: a password may hold an unescaped @.
  return text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/,?#"']*@/gi, '$1***@');
}

/** What a failed statement was given, as the database layer quotes it: hashes and people's data. Up to the stack or the end. */
const PARAMETERS = /\nparams: [\s\S]*?(?=\n\s+at |$)/g;

/** Text of an error that may be shown: without credentials in URLs, and without what a statement was given. */
export function maskError(text: string): string {
  return maskUrls(text.replace(PARAMETERS, '\nparams: ***'));
}
