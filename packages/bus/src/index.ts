/** The seam between the roles: NATS, or its twin inside one process. */
export type {
  Bus,
  BusMessage,
  BusStatus,
  BusSubscription,
  EventStream,
  PublishOptions,
  StreamEvent,
  StreamPage,
  StreamState,
  SubscribeOptions,
} from './bus.js';
export {
  BusError,
  BusPayloadError,
  BusSubjectError,
  BusTimeoutError,
  BusUnavailableError,
  NoRespondersError,
} from './errors.js';
export { createMemoryBus, type MemoryBusHub } from './memory-bus.js';
export { connectNats } from './nats-connect.js';
export type { NatsOptions } from './nats-options.js';
