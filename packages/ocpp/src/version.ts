/** The OCPP versions spoken, and the payload types of each by action name. */
import type { Requests16, Responses16 } from './gen/v16.js';
import type { Requests21, Responses21 } from './gen/v21.js';
import type { Requests201, Responses201 } from './gen/v201.js';

/** A version is named by its WebSocket subprotocol (OCPP-J 1.6 section 3.1.2, OCPP 2.0.1 part 4 section 3.1.2). */
export type OcppVersion = 'ocpp1.6' | 'ocpp2.0.1' | 'ocpp2.1';

/** All versions, the server's favourite first. */
export const OCPP_VERSIONS: readonly OcppVersion[] = ['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'];

/** True for a version name of {@link OCPP_VERSIONS}. */
export function isOcppVersion(value: unknown): value is OcppVersion {
  return (OCPP_VERSIONS as readonly unknown[]).includes(value);
}

/** Request payloads by version and action. */
export interface RequestMap {
  'ocpp1.6': Requests16;
  'ocpp2.0.1': Requests201;
  'ocpp2.1': Requests21;
}

/** Response payloads by version and action. */
export interface ResponseMap {
  'ocpp1.6': Responses16;
  'ocpp2.0.1': Responses201;
  'ocpp2.1': Responses21;
}

/** Wire names of the actions of a version. */
export type ActionOf<V extends OcppVersion> = keyof RequestMap[V] & string;

/** Wire names of the actions of a version that are answered. */
export type AnsweredActionOf<V extends OcppVersion> = keyof ResponseMap[V] & string;

/** Payload of a request, e.g. `RequestOf<'ocpp1.6', 'BootNotification'>`. */
export type RequestOf<V extends OcppVersion, A extends ActionOf<V>> = RequestMap[V][A];

/** Payload of a response, e.g. `ResponseOf<'ocpp2.1', 'Authorize'>`. */
export type ResponseOf<V extends OcppVersion, A extends AnsweredActionOf<V>> = ResponseMap[V][A];
