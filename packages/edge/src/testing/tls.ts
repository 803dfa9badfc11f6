/** For tests: chargers that dial with TLS, and bare handshakes. */
import { type ConnectionOptions, connect } from 'node:tls';
import WebSocket from 'ws';
import { Charger, type DialOptions } from './charger.js';

export type TlsDialOptions = DialOptions & ConnectionOptions;

/** The charger where it is let in, else what HTTP says, or why TLS failed. */
export function dialTls(port: number, identity: string, options: TlsDialOptions): Promise<Charger | number | string> {
  const { protocols = ['ocpp2.0.1'], headers = {}, ...tls } = options;
  const ws = new WebSocket(`wss://127.0.0.1:${port}/ocpp/${identity}`, [...protocols], { headers, ...tls });
  const charger = new Charger(ws);
  return new Promise((resolve) => {
    ws.on('open', () => resolve(charger));
    ws.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
      request.destroy();
    });
    ws.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** What a handshake came to: `TLSv1.2 SUITE name`, or the error. */
export function handshake(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ...options }, () => {
      const name = socket.getPeerCertificate().subject.CN;
      resolve(`${socket.getProtocol()} ${socket.getCipher().name} ${name}`);
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

export const basic = (identity: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${identity}:${password}`).toString('base64')}`,
});

/** Whether a second handshake is let off with what the first one left. */
export function resumes(port: number, options: ConnectionOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let session: Buffer | undefined;
    const first = connect({ port, host: '127.0.0.1', ...options });
    first.on('session', (given) => {
      session = given;
    });
    // Tickets of TLS 1.3 come after the handshake, and before an answer.
    first.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    first.on('error', reject).resume();
    first.on('close', () => {
      const second = connect({ port, host: '127.0.0.1', ...options, ...(session && { session }) }, () => {
        resolve(second.isSessionReused());
        second.destroy();
      });
      second.on('error', reject);
    });
  });
}
