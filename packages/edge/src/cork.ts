/** A cork that belongs to no charger, in which an upgrade can be completed without being taken for anything else. */

import uws, { type HttpResponse, type us_listen_socket } from 'uWebSockets.js';
import { connect } from 'node:net';

export interface Cork {
  run(work: () => void): void;
  close(): void;
}

/**
 * Within the cork of another response nothing is taken for an HTTP response that is one no more (late-upgrades.ts), but
 * nothing is gathered either: an upgrade is 25 small writes. This is the cork of a response that is never answered, of a
 * request from this process to itself.
 */
export function makeCork(): Promise<Cork> {
  const app = uws.App();
  let held: HttpResponse | null = null;
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error('cannot listen on 127.0.0.1'));
    const ask = (listening: us_listen_socket) => {
      const port = uws.us_socket_local_port(listening as unknown as Parameters<typeof uws.us_socket_local_port>[0]);
      const client = connect(port, '127.0.0.1');
      client.unref();
      client.on('error', failed);
      client.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
      app.get('/', (res) => {
        uws.us_listen_socket_close(listening);
        held = res;
        res.onAborted(() => {
          held = null;
        });
        resolve({
          run: (work) => {
            if (held === null) work();
            else held.cork(work);
          },
          close() {
            client.destroy();
            app.close();
          },
        });
      });
    };
    app.listen('127.0.0.1', 0, (listening) => (listening ? ask(listening) : failed()));
  });
}
