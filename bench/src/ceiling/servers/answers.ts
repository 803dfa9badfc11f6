/** The room of what the compared servers answer, from memory: as little as OCPP 2.0.1 allows. */

interface Event {
  readonly idToken?: unknown;
}

export const PROTOCOL = 'ocpp2.0.1';

export const bootNotification = () => ({
  status: 'Accepted' as const,
  currentTime: new Date().toISOString(),
  interval: 300,
});

export const heartbeat = () => ({ currentTime: new Date().toISOString() });

export const transactionEvent = ({ idToken }: Event) =>
  idToken === undefined ? {} : { idTokenInfo: { status: 'Accepted' as const } };
