/** Routes of the queue of commands, commands to many stations, and verbs that fit any version. */
import type { Services } from '../context.js';
import type { App } from './application.js';

export function commandQueueRoutes(_app: App, _services: Services): void {}
