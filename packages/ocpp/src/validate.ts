/** Payload validation per version: one compiled yes-or-no check, and only on a no the search for what is wrong. */
import { type ErrorMeaning, errorCode } from './errors.js';
import { leniencyFor, type Overlay, type WarningKind } from './leniency.js';
import { characters, FORMATS, type FormatChecks, type MessageTree, type Validator } from './tree.js';
import type { OcppVersion, RequestMap, ResponseMap } from './version.js';
import { isObject, type Problem, type Rule, walk } from './walk.js';

/** Something accepted although the schema forbids it. */
export interface Warning {
  readonly kind: WarningKind;
  /** JSON pointer to the field. */
  readonly path: string;
  readonly rule: Rule;
}

/** What a CALLERROR may tell about a refusal: where, and which rule. Never the value. */
export interface RefusalDetails {
  readonly path: string;
  readonly rule: Rule | 'action';
}

/** A payload that holds. `warningCount` counts on where the list of warnings (at most {@link MAX_WARNINGS}) is full. */
export interface Accepted<P> {
  readonly ok: true;
  readonly payload: P;
  readonly warnings: readonly Warning[];
  readonly warningCount: number;
}

/** A payload that does not, ready to be sent as CALLERROR: `code` is spelled as the version wants it. */
export interface Refused {
  readonly ok: false;
  readonly code: string;
  readonly description: string;
  readonly details: RefusalDetails;
}

export type Verdict<P> = Accepted<P> | Refused;

/** The typed payload of `A` in the map `M`; a plain object where the action is known at run time only. */
export type PayloadOf<M, A extends string> = A extends keyof M ? M[A] : Readonly<Record<string, unknown>>;

/** The validators of one version. All methods are synchronous. */
export interface VersionCodec<V extends OcppVersion = OcppVersion> {
  readonly version: V;
  /** Checks a request. An action that the version does not know is refused with NotImplemented. */
  validateRequest<A extends string>(
    action: A,
    payload: unknown,
    overlay?: Overlay,
  ): Verdict<PayloadOf<RequestMap[V], A>>;
  /** Checks a response of `action`. */
  validateResponse<A extends string>(
    action: A,
    payload: unknown,
    overlay?: Overlay,
  ): Verdict<PayloadOf<ResponseMap[V], A>>;
}

/** Warnings kept per payload. Beyond it they are only counted: a station without a zone warns once per sample. */
export const MAX_WARNINGS = 20;

interface Compiled {
  readonly tree: MessageTree;
  build(formats: FormatChecks, count: (text: string) => number): Readonly<Record<string, Validator | undefined>>;
}

const MODULES: Readonly<Record<OcppVersion, () => Promise<Compiled>>> = {
  'ocpp1.6': () => import('./gen/validators16.js'),
  'ocpp2.0.1': () => import('./gen/validators201.js'),
  'ocpp2.1': () => import('./gen/validators21.js'),
};

/** One load per version and process; what it holds never changes. */
const loaded: { [V in OcppVersion]?: Promise<VersionCodec<V>> } = {};

/** Loads the validators of a version, once per process (5 to 30 ms); later calls share the result. */
export function loadVersion<V extends OcppVersion>(version: V): Promise<VersionCodec<V>> {
  const known: Promise<VersionCodec<V>> | undefined = loaded[version];
  if (known !== undefined) return known;
  const codec = MODULES[version]().then((compiled) => createCodec(version, compiled));
  loaded[version] = codec as (typeof loaded)[V];
  return codec;
}

const NO_WARNINGS: readonly Warning[] = Object.freeze([]);
const PLAIN: Overlay = Object.freeze({});

function createCodec<V extends OcppVersion>(version: V, { tree, build }: Compiled): VersionCodec<V> {
  const compiled = build(FORMATS, characters);
  const bySide = (actions: readonly string[], suffix: string): ReadonlyMap<string, [string, Validator]> =>
    new Map(actions.map((action) => [action, [`${action}${suffix}`, compiled[`${action}${suffix}`]!]]));
  const requests = bySide(tree.requests, 'Request');
  const responses = bySide(tree.responses, 'Response');

  const check = <P>(side: typeof requests, action: string, payload: unknown, overlay: Overlay): Verdict<P> => {
    const entry = side.get(action);
    if (entry === undefined) {
      return refuse(version, 'notImplemented', 'action not known', { path: '', rule: 'action' });
    }
    // What passes the compiled schema is what the schema's type says: the one place where JSON becomes typed.
    if (entry[1](payload)) return { ok: true, payload: payload as P, warnings: NO_WARNINGS, warningCount: 0 };
    return explain<P>(version, tree, entry[0], action, payload, overlay);
  };

  return {
    version,
    validateRequest: (action, payload, overlay = PLAIN) => check(requests, action, payload, overlay),
    validateResponse: (action, payload, overlay = PLAIN) => check(responses, action, payload, overlay),
  };
}

/** The slow path: the first problem that is not tolerated decides; where all are, the payload passes with warnings. */
function explain<P>(
  version: OcppVersion,
  tree: MessageTree,
  definition: string,
  action: string,
  payload: unknown,
  overlay: Overlay,
): Verdict<P> {
  if (!isObject(payload)) {
    return refuse(version, 'formation', 'payload must be an object', { path: '', rule: 'type' });
  }
  const warnings: Warning[] = [];
  let warningCount = 0;
  let refusal: Problem | null = null;
  walk(tree, definition, action, payload, (problem) => {
    const kind = leniencyFor(problem, overlay);
    if (kind === null) {
      refusal = problem;
      return false;
    }
    warningCount++;
    if (warnings.length < MAX_WARNINGS) warnings.push({ kind, path: problem.path, rule: problem.rule });
    return true;
  });
  if (refusal === null && warningCount > 0) return { ok: true, payload: payload as P, warnings, warningCount };
  // The compiled check said no, so a search without a find is a mistake of ours; it must not let the payload pass.
  if (refusal === null) return refuse(version, 'generic', 'payload not valid', { path: '', rule: 'type' });
  const { rule, path }: Problem = refusal;
  return refuse(version, meaningOf(version, rule), `${WORDS[rule]}: ${path === '' ? 'payload' : path}`, { path, rule });
}

function refuse(version: OcppVersion, meaning: ErrorMeaning, description: string, details: RefusalDetails): Refused {
  return { ok: false, code: errorCode(version, meaning), description, details };
}

/**
 * OCPP-J 1.6 section 4.2.3 and 2.x part 4 section 4.3. A property that the schema does not know: 1.6 has
 * FormationViolation for what does not conform to the action's PDU structure; the 2.x FormatViolation is about syntax
 * only, so there it is an occurrence, of a field that may occur zero times.
 */
function meaningOf(version: OcppVersion, rule: Rule): ErrorMeaning {
  switch (rule) {
    case 'type':
      return 'type';
    case 'required':
    case 'minItems':
    case 'maxItems':
      return 'occurrence';
    case 'additionalProperties':
      return version === 'ocpp1.6' ? 'formation' : 'occurrence';
    default:
      return 'property';
  }
}

const WORDS: Readonly<Record<Rule, string>> = {
  type: 'wrong type',
  required: 'missing field',
  additionalProperties: 'field not known',
  enum: 'value not in the list of allowed values',
  maxLength: 'text too long',
  minItems: 'too few elements',
  maxItems: 'too many elements',
  minimum: 'number too small',
  maximum: 'number too large',
  multipleOf: 'number not a multiple of the step',
  'date-time': 'not an RFC 3339 time with zone',
  uri: 'not an absolute address',
};
