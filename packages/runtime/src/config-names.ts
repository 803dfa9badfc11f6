/** The one table of every configuration name: its kind, default, readers and meaning. Types, checks and docs come from it. */
import { BEHAVIOUR } from './config-behaviour.js';
import { REACH } from './config-reach.js';

/** Every name, in the order the docs show. */
export const CONFIG_NAMES = [...REACH, ...BEHAVIOUR] as const;
