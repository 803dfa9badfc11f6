/** npm ocpp-ws-io with its own defaults, save its log, which is off: strict mode and its parser threads are off as well. */
import type { AddressInfo } from 'node:net';
import { OCPPServer } from 'ocpp-ws-io';
import { bootNotification, heartbeat, PROTOCOL, transactionEvent } from './answers.js';
import { serve } from './serve.js';

serve(async () => {
  const server = new OCPPServer({ protocols: [PROTOCOL], logging: false });
  server.auth((context) => context.accept());
  server.on('client', (client) => {
    client.handle(PROTOCOL, 'BootNotification', bootNotification);
    client.handle(PROTOCOL, 'Heartbeat', heartbeat);
    client.handle(PROTOCOL, 'TransactionEvent', ({ params }) => transactionEvent(params));
  });
  const http = await server.listen(0, '127.0.0.1');
  return (http.address() as AddressInfo).port;
});
