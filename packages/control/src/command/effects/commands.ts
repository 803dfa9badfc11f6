/** What belongs to commands of the queue of commands, commands to many stations, and verbs that fit any version. */
import type { EffectRow } from '../effect.js';

export const COMMANDS_EFFECTS: readonly EffectRow[] = [];
