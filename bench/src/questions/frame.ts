/** What does it cost to read and write one OCPP-J frame, beside JSON.parse and JSON.stringify of all of it? */
import { readEnvelope, writeCall, writeError, writeResult } from '@sigec/ocpp';
import type { Group, Question } from '../micro/question.js';
import { CURRENT_TIME, HEARTBEAT, messageId, pick, transactionEvent, variants } from './samples.js';

function reading(title: string, frames: readonly string[]): Group {
  return {
    title: `read ${title} (${frames[0]!.length} bytes)`,
    rows: [
      { name: 'JSON.parse of the whole frame', run: (turn) => JSON.parse(pick(frames, turn)) },
      { name: 'readEnvelope, payload stays text', run: (turn) => readEnvelope(pick(frames, turn)) },
      {
        name: 'readEnvelope, then JSON.parse of the payload',
        run: (turn) => {
          const envelope = readEnvelope(pick(frames, turn));
          return envelope.kind === 'call' ? JSON.parse(envelope.payload) : envelope;
        },
      },
    ],
  };
}

const ids = variants(messageId);
const answer = JSON.stringify(CURRENT_TIME);

export const frame: Question = {
  name: 'frame',
  question: 'What does it cost to read and write one frame, beside JSON.parse and JSON.stringify of all of it?',
  prepare: () => ({
    groups: [
      reading(
        'a Heartbeat',
        variants((n) => writeCall(messageId(n), 'Heartbeat', HEARTBEAT)),
      ),
      reading(
        'a TransactionEvent with two sampled values',
        variants((n) => writeCall(messageId(n), 'TransactionEvent', transactionEvent(`tx-${n}`, n))),
      ),
      {
        title: 'write an answer',
        rows: [
          {
            name: 'JSON.stringify of the whole frame',
            run: (turn) => JSON.stringify([3, pick(ids, turn), CURRENT_TIME]),
          },
          { name: 'writeResult of an object', run: (turn) => writeResult(pick(ids, turn), CURRENT_TIME) },
          { name: 'writeResult of a text', run: (turn) => writeResult(pick(ids, turn), answer) },
          { name: 'writeCall of an object', run: (turn) => writeCall(pick(ids, turn), 'Reset', CURRENT_TIME) },
          {
            name: 'writeError',
            run: (turn) => writeError(pick(ids, turn), 'FormationViolation', 'payload is not JSON'),
          },
        ],
      },
    ],
  }),
};
