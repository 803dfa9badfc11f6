/** Every question, in the order of a message's way. */
import type { Question } from '../micro/question.js';
import { batch } from './batch.js';
import { envelope } from './envelope.js';
import { frame } from './frame.js';
import { handlers } from './handlers.js';
import { partition } from './partition.js';
import { validators } from './validators.js';

export const QUESTIONS: readonly Question[] = [frame, partition, envelope, validators, handlers, batch];
