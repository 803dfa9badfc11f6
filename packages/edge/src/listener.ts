/** The plain listener: OCPP over WebSocket without TLS, on uWebSockets.js. */
import uws, { type us_listen_socket } from 'uWebSockets.js';
import { makeCork } from './cork.js';
import { handle, portOf, type UserData } from './handlers.js';
import { type Listener, type ListenerHooks, welcome } from './hooks.js';
import { LateUpgrades } from './late-upgrades.js';
import type { Socket } from './socket.js';

export async function listen(
  host: string,
  port: number,
  maxFrameBytes: number,
  hooks: ListenerHooks,
): Promise<Listener> {
  const cork = await makeCork();
  const late = new LateUpgrades<UserData>(
    (ws) => welcome(ws.getUserData().session, ws as unknown as Socket, hooks),
    hooks.lost,
    cork,
  );
  const app = handle(uws.App(), { maxFrameBytes, hooks, late, profile: 1 });
  return new Promise((resolve, reject) => {
    app.listen(host, port, (socket: us_listen_socket | false) => {
      if (socket === false) {
        cork.close();
        reject(new Error(`SIGEC_OCPP_PORT: cannot listen on ${host}:${port}`));
        return;
      }
      let listening = true;
      const stopListening = () => {
        if (listening) uws.us_listen_socket_close(socket);
        listening = false;
      };
      resolve({
        port: portOf(socket),
        stopListening,
        close() {
          listening = false;
          app.close();
          cork.close();
        },
      });
    });
  });
}
