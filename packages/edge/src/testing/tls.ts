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
