/** The room of what a station answers to the CALLs of the CSMS: it is polite, and does nothing. */
import { isObject, type Json } from './answers.js';

export interface Inbound {
  readonly action: string;
  /** The text that answers; null where nothing has to be answered. */
  readonly answer: string;
}

const status = (word: string) => () => ({ status: word });

/** Answers by action. What is not here is not implemented, and the CSMS is told so. */
const ANSWERS: Readonly<Record<string, (payload: Json, identity: string) => object>> = {
  // Says who answers, so that a command that went to the wrong station is seen.
  DataTransfer: (_payload, identity) => ({ status: 'Accepted', data: identity }),
  GetConfiguration: ({ key }) => ({ configurationKey: [], unknownKey: Array.isArray(key) ? key : [] }),
  ChangeConfiguration: status('NotSupported'),
  ClearCache: status('Accepted'),
  ChangeAvailability: status('Accepted'),
  GetLocalListVersion: () => ({ listVersion: 0, versionNumber: 0 }),
  TriggerMessage: status('NotImplemented'),
  Reset: status('Rejected'),
  UnlockConnector: status('NotSupported'),
  RemoteStartTransaction: status('Rejected'),
  RemoteStopTransaction: status('Rejected'),
  RequestStartTransaction: status('Rejected'),
  RequestStopTransaction: status('Rejected'),
  SetNetworkProfile: status('Rejected'),
  GetBaseReport: status('NotSupported'),
  GetVariables: ({ getVariableData }) => ({ getVariableResult: results(getVariableData) }),
  SetVariables: ({ setVariableData }) => ({ setVariableResult: results(setVariableData) }),
};

function results(data: unknown): object[] {
  if (!Array.isArray(data)) return [];
  return data.filter(isObject).map(({ component, variable, attributeType }) => ({
    attributeStatus: 'UnknownComponent',
    component,
    variable,
    ...(attributeType === undefined ? {} : { attributeType }),
  }));
}

/** The answer to a parsed frame `[2, id, action, payload]`, or null where it is no such frame. */
export function answerCall(frame: readonly unknown[], version: string, identity: string): Inbound | null {
  const [type, id, action, payload] = frame;
  if (type !== 2 || frame.length !== 4 || typeof id !== 'string' || typeof action !== 'string' || !isObject(payload))
    return null;
  const answer = Object.hasOwn(ANSWERS, action) ? ANSWERS[action] : undefined;
  if (answer === undefined) return { action, answer: JSON.stringify([4, id, 'NotImplemented', '', {}]) };
  const body: Record<string, unknown> = { ...answer(payload, identity) };
  if (action === 'GetLocalListVersion') delete body[version === '1.6' ? 'versionNumber' : 'listVersion'];
  if (action === 'UnlockConnector' && version !== '1.6') body.status = 'UnknownConnector';
  return { action, answer: JSON.stringify([3, id, body]) };
}
