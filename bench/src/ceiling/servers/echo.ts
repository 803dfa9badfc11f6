/** The ceiling: a uWebSockets.js server that sends each message back as it came. */
import uws from 'uWebSockets.js';
import { serve } from './serve.js';

serve(
  () =>
    new Promise<number>((resolve, reject) => {
      const app = uws.App();
      app.ws('/*', {
        compression: uws.DISABLED,
        maxPayloadLength: 1 << 20,
        idleTimeout: 0,
        upgrade: (res, req, context) =>
          res.upgrade(
            {},
            req.getHeader('sec-websocket-key'),
            // The first that was offered: stations ask for one, and want one.
            req.getHeader('sec-websocket-protocol').split(',')[0] ?? '',
            req.getHeader('sec-websocket-extensions'),
            context,
          ),
        message: (ws, message, isBinary) => {
          ws.send(message, isBinary);
        },
      });
      app.listen('127.0.0.1', 0, (socket) => {
        if (socket === false) reject(new Error('echo: no port'));
        else resolve(uws.us_socket_local_port(socket as unknown as Parameters<typeof uws.us_socket_local_port>[0]));
      });
    }),
);
