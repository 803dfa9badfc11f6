/** The configuration by field, as types made from the table. */
import type { CONFIG_NAMES } from './config-names.js';
import type { DefaultContext } from './config-row.js';

type Row = (typeof CONFIG_NAMES)[number];
/** A name of the table, as it stands in the environment and in the file. */
export type ConfigName = Row['name'];

type Camel<S extends string> = S extends `${infer A}_${infer B}`
  ? `${Lowercase<A>}${Capitalize<Camel<B>>}`
  : Lowercase<S>;
type Field<N extends string> = N extends `SIGEC_${infer Rest}` ? Camel<Rest> : Camel<N>;

type Present<R> = R extends { kind: 'port' | 'int' | 'ratio' }
  ? number
  : R extends { kind: 'switch' }
    ? boolean
    : R extends { kind: 'choice'; values: readonly (infer V)[] }
      ? V
      : string;
type Value<R> = R extends { default: infer D }
  ? D extends (context: DefaultContext) => infer X
    ? undefined extends X
      ? Present<R> | undefined
      : Present<R>
    : Present<R>
  : Present<R> | undefined;

/** The configuration by field: SIGEC_HTTP_PORT is `httpPort`, DATABASE_URL is `databaseUrl`. */
export type ConfigValues = { readonly [R in Row as Field<R['name']>]: Value<R> };

/** The field of a name: the SIGEC_ goes, the rest becomes camelCase. */
export function fieldOf(name: string): string {
  return name
    .replace(/^SIGEC_/, '')
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
