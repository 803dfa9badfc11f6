/** Paths as they may be told and logged. */

const CAPABILITY = /^(\/(?:uploads|firmwares\/[^/]*\/file)\/)[^/]+/;

/** What opens something by itself is hidden: the addresses that only chargers are given. */
export const shownPath = (path: string): string =>
  path.startsWith('/uploads/') || path.startsWith('/firmwares/') ? path.replace(CAPABILITY, '$1***') : path;
