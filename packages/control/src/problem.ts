/** Every error this API can answer: RFC 9457 problem documents, in the reader's language. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AppEnv } from './context.js';
import { answerWith } from './http/answer.js';
import { shownPath } from './http/shown-path.js';

/** A sentence in both languages. */
export interface Text {
  readonly pt: string;
  readonly en: string;
}

interface Row extends Text {
  readonly status: ContentfulStatusCode;
  /** True where the same request may succeed later. */
  readonly temporary: boolean;
}

const row = (status: ContentfulStatusCode, pt: string, en: string, temporary = false): Row => ({
  status,
  pt,
  en,
  temporary,
});

/** The catalogue: the name is the end of `type` and stands alone in `code`. */
export const PROBLEMS = {
  'malformed-json': row(400, 'O corpo não é JSON válido', 'The body is not valid JSON'),
  'invalid-parameter': row(400, 'Parâmetro inválido', 'Invalid parameter'),
  'token-in-url': row(400, 'O endereço não leva token nem parâmetros', 'The address takes no token and no parameters'),
  'invalid-cursor': row(400, 'Cursor inválido', 'Invalid cursor'),
  unauthorized: row(401, 'Autenticação necessária', 'Authentication required'),
  'invalid-credentials': row(401, 'E-mail ou senha incorretos', 'Wrong e-mail or password'),
  'invalid-refresh-token': row(401, 'Token de renovação inválido', 'Invalid refresh token'),
  'invalid-challenge': row(401, 'O login expirou; entre de novo', 'The login is over; log in again'),
  'provider-refused': row(
    401,
    'O provedor de login não confirmou a pessoa',
    'The login provider did not confirm the person',
  ),
  forbidden: row(403, 'Acesso negado', 'Access denied'),
  'registration-closed': row(403, 'O cadastro está fechado', 'Registration is closed'),
  'no-account': row(
    403,
    'Nenhuma conta para esta pessoa, ou o provedor não confirma o e-mail',
    'No account for this person, or the provider does not confirm the e-mail address',
  ),
  'not-found': row(404, 'Recurso não encontrado', 'Resource not found'),
  'unknown-route': row(404, 'Rota inexistente', 'No such route'),
  'unknown-action': row(404, 'Ação OCPP desconhecida', 'Unknown OCPP action'),
  'method-not-allowed': row(405, 'Método não permitido', 'Method not allowed'),
  'identity-taken': row(409, 'Identidade já cadastrada', 'Identity already registered'),
  'email-taken': row(409, 'E-mail já cadastrado', 'E-mail address already registered'),
  'own-account': row(409, 'Isso não se muda na própria conta', "This cannot be changed of one's own account"),
  'last-administrator': row(409, 'É o último administrador', 'This is the last administrator'),
  'second-factor-state': row(409, 'O segundo fator não está nesse estado', 'The second factor is not in that state'),
  'provider-missing': row(409, 'Nenhum provedor de login configurado', 'No login provider is configured'),
  'device-in-use': row(409, 'Há uma recarga em andamento', 'A transaction is running', true),
  'device-archived': row(409, 'O carregador está arquivado', 'The device is archived'),
  'name-taken': row(409, 'Nome já em uso', 'Name already in use'),
  'site-in-use': row(409, 'O local ainda tem carregadores', 'The site still has devices'),
  'grant-taken': row(409, 'A pessoa já tem uma permissão ali', 'The person has a grant there already'),
  'too-many-grants': row(409, 'Permissões demais para uma pessoa', 'Too many grants of one person'),
  'id-token-taken': row(409, 'Token já cadastrado', 'Token already registered'),
  'token-held': row(
    409,
    'O token está em uso ou foi bloqueado pelo operador',
    'The token charges, or was blocked by the operator',
  ),
  'too-many-tokens': row(409, 'Tokens demais', 'Too many tokens'),
  'still-charging': row(409, 'A recarga ainda está em andamento', 'Charging still goes on', true),
  'charger-offline': row(409, 'Carregador desconectado', 'Charger is offline', true),
  'command-rejected': row(409, 'O carregador recusou o comando', 'The charger refused the command'),
  'not-supported-by-version': row(
    409,
    'A versão OCPP do carregador não tem isso',
    "The charger's OCPP version has no such thing",
  ),
  'command-not-waiting': row(409, 'O comando não está mais na fila', 'The command does not wait any more'),
  'batch-state': row(409, 'O estado do lote não permite isso', 'The state of the batch does not allow it'),
  'alarm-state': row(409, 'O estado do alarme não permite isso', 'The state of the alarm does not allow it'),
  'certificate-of-another': row(
    409,
    'O certificado foi emitido por outra autoridade',
    'The certificate was issued by another authority',
  ),
  'rotation-pending': row(409, 'Troca de senha em andamento', 'A new password is under way'),
  'too-many-webhooks': row(409, 'Webhooks demais', 'Too many webhooks'),
  'replay-running': row(409, 'Já há um reenvio em andamento', 'A replay is under way already', true),
  'events-gone': row(409, 'Os eventos não são mais guardados', 'The events are not kept any more'),
  'reservation-rejected': row(409, 'O carregador recusou a reserva', 'The charger refused the reservation'),
  'tariff-state': row(
    409,
    'A tarifa mudou nesse meio-tempo ou foi arquivada',
    'The tariff was changed in the meantime, or put away',
  ),
  'tariff-in-use': row(409, 'A tarifa ainda vale em algum lugar', 'The tariff still holds somewhere'),
  'start-rejected': row(409, 'Início de recarga recusado', 'Start of charging refused'),
  'stop-rejected': row(409, 'Parada de recarga recusada', 'Stop of charging refused'),
  'idempotency-in-progress': row(
    409,
    'A mesma requisição ainda está em andamento',
    'The same request is still under way',
    true,
  ),
  'idempotency-outcome-unknown': row(
    409,
    'Não se sabe o que houve com a primeira requisição; verifique antes de usar outra chave',
    'What became of the first request is not known; look before you use another key',
  ),
  'precondition-failed': row(412, 'Outra pessoa mudou isto nesse meio-tempo', 'Somebody changed this meanwhile'),
  'payload-too-large': row(413, 'Corpo grande demais', 'Body too large'),
  'unsupported-media-type': row(415, 'O corpo deve ser application/json', 'The body must be application/json'),
  'one-time-token': row(422, 'Código inválido, usado ou vencido', 'The token is wrong, used, or too old'),
  'wrong-code': row(422, 'Código incorreto', 'Wrong code'),
  'upgrade-required': row(426, 'Este endereço é um WebSocket', 'This address is a WebSocket'),
  validation: row(422, 'Dados inválidos', 'Invalid data'),
  'idempotency-key-reused': row(
    422,
    'A chave já foi usada em outra requisição',
    'The key was used for another request',
  ),
  'charger-busy': row(429, 'Fila de comandos do carregador cheia', 'Command queue of the charger is full', true),
  'upload-broken': row(400, 'O envio do arquivo foi interrompido', 'The upload broke off', true),
  'firmware-has-file': row(409, 'A imagem já tem seu arquivo', 'The image has its file already'),
  'too-many-attempts': row(429, 'Tentativas demais', 'Too many attempts', true),
  'too-many-requests': row(429, 'Requisições demais', 'Too many requests', true),
  internal: row(500, 'Erro interno', 'Internal error', true),
  'provider-unavailable': row(502, 'O provedor de login não responde', 'The login provider does not answer', true),
  'charger-error': row(502, 'O carregador respondeu com erro', 'The charger answered with an error'),
  'charger-connection-lost': row(502, 'Conexão com o carregador perdida', 'Connection to the charger lost', true),
  'bus-unavailable': row(503, 'Barramento indisponível', 'Bus unavailable', true),
  'cache-unavailable': row(503, 'Cache indisponível', 'Cache unavailable', true),
  'database-unavailable': row(503, 'Banco de dados indisponível', 'Database unavailable', true),
  overloaded: row(503, 'Serviço sobrecarregado', 'Service overloaded', true),
  'charger-timeout': row(504, 'O carregador não respondeu a tempo', 'The charger did not answer in time', true),
} as const satisfies Readonly<Record<string, Row>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One field that is wrong. Never holds the value. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ProblemOptions extends ErrorOptions {
  readonly detail?: Text | string;
  readonly errors?: readonly FieldError[];
  /** Further members of the document, snake_case. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown anywhere below a route; the application answers it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly temporary: boolean;
  constructor(
    readonly code: ProblemCode,
    readonly options: ProblemOptions = {},
  ) {
    super(PROBLEMS[code].en, options.cause === undefined ? undefined : { cause: options.cause });
    this.temporary = PROBLEMS[code].temporary;
  }
}

/** English where Accept-Language prefers it to Portuguese, else Portuguese (RFC 9110 section 12.5.4). */
export function languageOf(header: string | undefined): 'pt' | 'en' {
  let pt = 0;
  let en = 0;
  for (const part of (header ?? '').slice(0, 500).toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const given = parameters.find((piece) => piece.startsWith('q='));
    const parsed = given === undefined ? 1 : Number(given.slice(2));
    const q = parsed >= 0 && parsed <= 1 ? parsed : 0;
    if (range === 'pt' || range.startsWith('pt-')) pt = Math.max(pt, q);
    if (range === 'en' || range.startsWith('en-')) en = Math.max(en, q);
  }
  return en > pt ? 'en' : 'pt';
}

/** The members of a problem that say what is wrong, without what belongs to a request. */
export function problemBody(code: ProblemCode, language: 'pt' | 'en', options: ProblemOptions = {}): object {
  const { status, temporary, ...title } = PROBLEMS[code];
  const { detail, errors, extra } = options;
  return {
    type: `urn:sigec:problem:${code}`,
    title: title[language],
    status,
    ...(detail === undefined ? {} : { detail: typeof detail === 'string' ? detail : detail[language] }),
    code,
    temporary,
    ...(errors === undefined ? {} : { errors }),
    ...extra,
  };
}

/** The answer to a problem. */
export function problemResponse(c: Context<AppEnv>, code: ProblemCode, options: ProblemOptions = {}): Response {
  const { status } = PROBLEMS[code];
  const language = languageOf(c.req.header('accept-language'));
  const { headers } = options;
  const of = { instance: shownPath(c.req.path), request_id: c.get('requestId') };
  const body = { ...problemBody(code, language, options), ...of };
  return answerWith(c, JSON.stringify(body), status, 'application/problem+json', {
    'content-language': language === 'pt' ? 'pt-BR' : 'en',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...headers,
  });
}
