/** The room of every message that is not plainly the good answer: it is parsed, named, and counted. */
import { isObject } from '../ocpp/answers.js';
import { labelOf } from '../ocpp/calls.js';
import { answerCall } from '../ocpp/inbound.js';
import { counterOf } from '../ocpp/message-id.js';
import type { Engine } from './engine.js';
import type { Station } from './station.js';

const TYPE = { call: 2, result: 3, error: 4 } as const;

export function readSlowly(engine: Engine, st: Station, text: string, now: number): void {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    engine.faults.add('unexpectedFrame', st.identity, `not JSON: ${text}`);
    return;
  }
  if (!Array.isArray(frame)) {
    engine.faults.add('unexpectedFrame', st.identity, `not a frame: ${text}`);
    return;
  }
  const [type, id] = frame as unknown[];
  const resultType = engine.plan.echo ? TYPE.call : TYPE.result;
  if ((type === resultType || type === TYPE.error) && typeof id === 'string') {
    readAnswer(engine, st, frame, id, text, now);
    return;
  }
  const inbound = answerCall(frame, st.version, st.identity);
  if (inbound === null) {
    engine.faults.add('unexpectedFrame', st.identity, text);
    return;
  }
  engine.recorder.inboundCall(inbound.action);
  st.link?.sendText(inbound.answer);
}

function readAnswer(engine: Engine, st: Station, frame: unknown[], id: string, text: string, now: number): void {
  const { faults } = engine;
  const counter = counterOf(id, engine.plan.run, st.number);
  if (st.waiting === 0 || counter !== st.waitingCounter) {
    faults.add(strayFault(st, counter), st.identity, text);
    return;
  }
  const label = labelOf(st.version, st.waiting);
  if (frame[0] === TYPE.error) {
    faults.add('callError', st.identity, `${label}: ${text}`);
    engine.giveUp(st, now);
    return;
  }
  const payload = frame[engine.plan.echo ? 3 : 2];
  let wrong: string | null;
  if (!isObject(payload) || frame.length !== (engine.plan.echo ? 4 : 3)) wrong = 'the payload is no object';
  else wrong = engine.plan.echo ? null : st.rules[st.waiting].fault(payload);
  if (wrong !== null) {
    faults.add('badPayload', st.identity, `${label}: ${wrong}: ${text}`);
    engine.giveUp(st, now);
    return;
  }
  engine.accept(st, now, isObject(payload) ? payload : null);
}

/** What an answer is that nobody waits for. */
function strayFault(st: Station, counter: number): 'wrongId' | 'late' | 'duplicate' {
  if (counter < 1 || counter > st.counter) return 'wrongId';
  const late = st.givenUp?.indexOf(counter) ?? -1;
  if (late < 0) return 'duplicate';
  st.givenUp?.splice(late, 1);
  return 'late';
}
