/** Takes credentials out of text that is about to be shown. */

/** Masks the user part of every URL in a text: `nats://u:p@h` becomes `nats://***@h`. */
export function maskUrls(text: string): string {
  // Up to the last @ before the path: a password may hold an unescaped @.
  return text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/,?#"']*@/gi, '$1***@');
}
