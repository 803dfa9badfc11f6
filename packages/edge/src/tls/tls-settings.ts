/** What an edge is told of its listeners below TLS. */
import type { TlsFiles } from './material.js';

export interface TlsSettings extends TlsFiles {
  /** Profile 2, profile 3, and old versions; each where it is set, 0 takes any free port. */
  readonly port?: number | undefined;
  readonly mtlsPort?: number | undefined;
  readonly legacyPort?: number | undefined;
  /** Other processes of this machine are told the same ports. */
  readonly shared?: boolean;
  /** Time between two looks at the files, ms. */
  readonly watchMs?: number;
}
