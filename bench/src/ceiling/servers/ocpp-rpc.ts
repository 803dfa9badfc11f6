/** npm ocpp-rpc with its own defaults: strict mode, its schema validation, is off. */
import type { AddressInfo } from 'node:net';
import { RPCServer } from 'ocpp-rpc';
import { bootNotification, heartbeat, PROTOCOL, transactionEvent } from './answers.js';
import { serve } from './serve.js';

interface Client {
  handle(method: string, handler: (call: { params: Parameters<typeof transactionEvent>[0] }) => object): void;
}

serve(async () => {
  const server = new RPCServer({ protocols: [PROTOCOL] });
  server.auth((accept) => accept());
  server.on('client', (client: Client) => {
    client.handle('BootNotification', bootNotification);
    client.handle('Heartbeat', heartbeat);
    client.handle('TransactionEvent', ({ params }) => transactionEvent(params));
  });
  const http = await server.listen(0, '127.0.0.1');
  return (http.address() as AddressInfo).port;
});
