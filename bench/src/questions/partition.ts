/** What does it cost to find the subject of a station: its token, its hash, its partition? */
import { createHash } from 'node:crypto';
import { fnv1a32, partitionOf, tokenOf, upSubject } from '@sigec/contract';
import type { Group, Question } from '../micro/question.js';
import { pick, variants } from './samples.js';

const PARTITIONS = 64;

const plain = variants((n) => `LT-${String(n).padStart(6, '0')}`);
const odd = variants((n) => `Posto Praça ${n}`);

const hashes: Group = {
  title: 'from identity to subject',
  rows: [
    {
      name: 'SHA-256 of the identity, for scale',
      run: (turn) => createHash('sha256').update(pick(plain, turn)).digest().readUInt32BE(0) % PARTITIONS,
    },
    { name: 'tokenOf, a plain identity', run: (turn) => tokenOf(pick(plain, turn)) },
    { name: 'tokenOf, one with spaces and accents', run: (turn) => tokenOf(pick(odd, turn)) },
    { name: 'fnv1a32 of a token', run: (turn) => fnv1a32(pick(plain, turn)) },
    {
      name: 'identity to subject, the whole way',
      run: (turn) => upSubject(partitionOf(tokenOf(pick(plain, turn)), PARTITIONS)),
    },
  ],
};

export const partition: Question = {
  name: 'partition',
  question: 'What does it cost to find the subject of a station: its token, its hash, its partition?',
  prepare: () => ({ groups: [hashes] }),
};
