/** Rows and look-ups of the queue of commands, commands to many stations, and verbs that fit any version. */

export const COMMANDS_FACTS = {};
export const COMMANDS_LOOKUPS = {};
