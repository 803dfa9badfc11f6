/** The three names that ocpp-ws-io imports. With `logging: false` it calls none, and nobody shall think that it logged. */
const absent = () => {
  throw new Error('voltlog-io is not in the registry: run ocpp-ws-io with `logging: false`');
};

export const createLogger = absent;
export const consoleTransport = absent;
export const prettyTransport = absent;
