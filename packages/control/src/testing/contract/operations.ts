/** The OpenAPI document as tests read it: its operations, what each takes, and what it promises to answer. */

export type Json = Record<string, unknown>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema?: Json;
  readonly example?: unknown;
}

interface Promised {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Json; readonly example?: unknown }>>;
}

export interface Operation {
  /** Method and path as the application spells it: `GET /api/v1/devices/:id`. */
  readonly key: string;
  readonly method: string;
  /** As the document spells it. */
  readonly path: string;
  readonly summary?: string;
  readonly parameters: readonly Parameter[];
  /** `optional`: with a token or without. */
  readonly secured: 'yes' | 'optional' | 'no';
  readonly body: { readonly type: string; readonly schema: Json; readonly example?: unknown } | undefined;
  readonly responses: Readonly<Record<string, Promised>>;
  /** One message or verb of a general operation, whose route serves it. */
  readonly special: boolean;
}

export interface Document extends Json {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

/** Follows references of the document. */
export function resolve(document: Document, schema: Json): Json {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  let found: unknown = document;
  for (const part of $ref.split('/').slice(1))
    found = (found as Json)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  return resolve(document, found as Json);
}

const SPECIAL = /\/(?:commands\/[A-Z]\w+|actions\/[a-z-]+)$/;

function secured(security: unknown): Operation['secured'] {
  if (security === undefined) return 'no';
  return (security as Json[]).some((one) => Object.keys(one).length === 0) ? 'optional' : 'yes';
}

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const content = (operation.requestBody as { content?: Record<string, Json> } | undefined)?.content;
      const [type, media] = Object.entries(content ?? {})[0] ?? [];
      return {
        key: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
        method: method.toUpperCase(),
        path,
        ...(typeof operation.summary === 'string' ? { summary: operation.summary } : {}),
        parameters: (operation.parameters ?? []) as Parameter[],
        secured: secured(operation.security),
        body:
          type === undefined || media === undefined
            ? undefined
            : { type, schema: (media.schema ?? {}) as Json, example: media.example },
        responses: operation.responses as Operation['responses'],
        special: SPECIAL.test(path),
      };
    }),
  );
}
