/** Tables of the queue of commands, commands to many stations, and verbs that fit any version. */
export const COMMANDS_TABLES = [] as const;
