/** What does a compiled validator cost beside the JSON.parse that comes before it, per version and message? */
import { loadVersion, OCPP_VERSIONS, type OcppVersion } from '@sigec/ocpp';
import type { Group, Question } from '../micro/question.js';
import { HEARTBEAT, meterValues, pick, transactionEvent, variants } from './samples.js';

type Validate = (payload: unknown) => { readonly ok: boolean };

async function messagesOf(version: OcppVersion): Promise<Group[]> {
  const codec = await loadVersion<OcppVersion>(version);
  const actions: [action: string, make: (n: number) => object][] = [
    ['Heartbeat', () => HEARTBEAT],
    ['MeterValues', (n) => meterValues(version, n)],
  ];
  if (version !== 'ocpp1.6') actions.push(['TransactionEvent', (n) => transactionEvent(`tx-${n}`, n)]);
  return actions.map(([action, make]) =>
    group(version, action, make, (payload) => codec.validateRequest(action, payload)),
  );
}

function group(version: OcppVersion, action: string, make: (n: number) => object, validate: Validate): Group {
  const texts = variants((n) => JSON.stringify(make(n)));
  const parsed = texts.map((text) => JSON.parse(text) as unknown);
  if (!validate(parsed[0]).ok) throw new Error(`${version} ${action}: the sample does not pass its own schema`);
  return {
    title: `${version} ${action}`,
    rows: [
      { name: 'JSON.parse, nothing checked', run: (turn) => JSON.parse(pick(texts, turn)) },
      { name: 'JSON.parse and validator', run: (turn) => validate(JSON.parse(pick(texts, turn))) },
      { name: 'validator alone', run: (turn) => validate(pick(parsed, turn)) },
    ],
  };
}

export const validators: Question = {
  name: 'validators',
  question: 'What does a compiled validator cost beside the JSON.parse that comes before it?',
  prepare: async () => ({ groups: (await Promise.all(OCPP_VERSIONS.map(messagesOf))).flat() }),
};
