/** What a connection to NATS is told. */
import { readFileSync } from 'node:fs';
import type { Logger, Metrics } from '@sigec/runtime';
import { type Authenticator, type ConnectionOptions, credsAuthenticator, type TlsOptions } from 'nats';

export interface NatsOptions {
  /**
   * `nats://user:password@host:4222` (or a token before the @), or `tls://`, which takes nothing else than TLS; several
   * servers of one cluster separated by commas.
   */
  readonly url: string;
  /** How the connection calls itself at the server. Its inboxes have this name: permissions may depend on it. */
  readonly name: string;
  /** A credentials file (JWT and seed); read at each connection, so that one that was renewed holds from the next on. */
  readonly credsFile?: string | undefined;
  readonly tls?: NatsTls | undefined;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Ends the waiting for a first connection. */
  readonly signal?: AbortSignal;
  /** Copies of the event stream, where this process is the one to make it (1). */
  readonly eventReplicas?: number;
  /** Most bytes the event stream keeps, where this process is the one to make it (1 GiB). */
  readonly eventMaxBytes?: number;
}

/** PEM files, read at each connection. With any of them the server is spoken to over TLS or not at all. */
export interface NatsTls {
  /** Who signs the server's certificate, where not one of the usual authorities. */
  readonly caFile?: string | undefined;
  /** What this side shows; both or none. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Where answers to this connection's own requests come to: nobody of another name may listen there. */
export const inboxPrefixOf = ({ name }: Pick<NatsOptions, 'name'>): string =>
  `_INBOX.${name.replace(/[^A-Za-z0-9_-]/g, '-')}`;

/** @throws {TypeError} naming the field, never what the file holds */
function checkFile(field: string, path: string | undefined): void {
  if (path === undefined) return;
  try {
    readFileSync(path);
  } catch (error) {
    throw new TypeError(`${field}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

/** While the file is being replaced the last good one holds: an error here would end the connection for good. */
function renewed(path: string): Authenticator {
  let last = readFileSync(path);
  return credsAuthenticator(() => {
    try {
      last = readFileSync(path);
    } catch {
      // Not there for a moment.
    }
    return last;
  });
}

/** The client's own parsing takes digits of a password for the port, so addresses and credentials are taken apart here. */
function addressOf(url: string): ConnectionOptions & { readonly tlsOnly: boolean } {
  const servers: string[] = [];
  const options: ConnectionOptions = {};
  let tlsOnly = false;
  for (const part of url.split(',')) {
    let parsed: URL;
    try {
      parsed = new URL(part.trim());
    } catch {
      throw new TypeError('url: not the URL of a NATS server');
    }
    if (parsed.protocol !== 'nats:' && parsed.protocol !== 'tls:')
      throw new TypeError('url: must begin with nats:// or tls://');
    servers.push(`${parsed.hostname}:${parsed.port || '4222'}`);
    tlsOnly ||= parsed.protocol === 'tls:';
    if (parsed.password) {
      options.user = decodeURIComponent(parsed.username);
      options.pass = decodeURIComponent(parsed.password);
    } else if (parsed.username) {
      options.token = decodeURIComponent(parsed.username);
    }
  }
  return { ...options, servers, tlsOnly };
}

/**
 * Who this connection is and how it is secured, as the client wants it.
 * @throws {TypeError} naming the field that cannot be used
 */
export function identityOf({ url, credsFile, tls }: NatsOptions): ConnectionOptions {
  const { tlsOnly, ...address } = addressOf(url);
  checkFile('credsFile', credsFile);
  const { caFile, certFile, keyFile } = tls ?? {};
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new TypeError('tls: certFile needs keyFile, and it needs the certificate');
  for (const [field, path] of Object.entries({ caFile, certFile, keyFile })) checkFile(`tls.${field}`, path);
  const files: TlsOptions = {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
  // With TLS options the client refuses a server that offers none.
  return {
    ...address,
    ...(tlsOnly || Object.keys(files).length > 0 ? { tls: files } : {}),
    ...(credsFile === undefined ? {} : { authenticator: renewed(credsFile) }),
  };
}
