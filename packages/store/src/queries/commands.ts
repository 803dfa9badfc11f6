/** Reads and writes of people: the queue of commands, commands to many stations, and verbs that fit any version. */
export const COMMANDS_QUERIES = [] as const;
