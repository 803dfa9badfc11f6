/** The published JSON schemas, unmodified, for those who document an API with them. Loaded only where asked for. */
import type { OcppVersion } from './version.js';

/** A JSON schema (draft 6/7) as the Open Charge Alliance published it. */
export interface JsonSchema {
  readonly $id: string;
  readonly [keyword: string]: unknown;
}

/** Schemas of one version by action. An action of kind `send` has no response. */
export interface MessageSchemas {
  readonly requests: Readonly<Record<string, JsonSchema>>;
  readonly responses: Readonly<Record<string, JsonSchema>>;
}

const MODULES: Readonly<Record<OcppVersion, () => Promise<{ schemas: MessageSchemas }>>> = {
  'ocpp1.6': () => import('./gen/schemas16.js'),
  'ocpp2.0.1': () => import('./gen/schemas201.js'),
  'ocpp2.1': () => import('./gen/schemas21.js'),
};

/** The published schemas of `version`. Licensed CC BY-ND 4.0 by the Open Charge Alliance: pass them on unmodified. */
export async function loadSchemas(version: OcppVersion): Promise<MessageSchemas> {
  return (await MODULES[version]()).schemas;
}
