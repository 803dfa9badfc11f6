/** The room of the words of a chaos run, in both languages. */
import type { FaultKind } from '../chaos/faults.js';
import type { Violation } from '../chaos/ledger.js';
import type { Language } from './words.js';

interface ChaosWords {
  readonly kinds: Readonly<Record<FaultKind, string>>;
  readonly violations: Readonly<Record<Violation['kind'], string>>;
  readonly phases: Readonly<Record<'chaos' | 'settling', string>>;
  readonly connected: string;
  readonly acked: string;
  readonly kept: string;
  readonly sessions: string;
  readonly resent: string;
  readonly commands: string;
  readonly settled: string;
  readonly presence: string;
  readonly never: string;
  readonly recovery: string;
  readonly drained: string;
  readonly closed: string;
  readonly silent: string;
  readonly lost: string;
  readonly replay: string;
  readonly notSimulated: string;
  readonly faults: string;
  readonly target: string;
  readonly at: string;
  readonly lasted: string;
}

const PT: ChaosWords = {
  kinds: {
    kill: 'mata',
    freeze: 'congela',
    restart: 'reinicia',
    cut: 'corta',
    slow: 'atrasa',
    'half-open': 'meia conexão',
    'disk-full': 'disco cheio',
    clock: 'relógio',
  },
  violations: {
    lost: 'perdido',
    doubled: 'em dobro',
    unanswered: 'sem resposta',
    energy: 'energia',
    cost: 'custo',
    time: 'horário',
    flagged: 'marcado',
    zombie: 'sessão zumbi',
    unknown: 'desconhecida',
    presence: 'presença',
    command: 'comando',
    odd: 'resposta estranha',
    relay: 'evento parado',
    process: 'processo',
  },
  phases: { chaos: 'falhas', settling: 'acalmando' },
  connected: 'conectados',
  acked: 'confirmadas',
  kept: 'guardadas nos carregadores',
  sessions: 'sessões',
  resent: 'reenvios',
  commands: 'comandos',
  settled: 'tudo dito depois de',
  presence: 'presença certa depois de',
  never: 'nunca',
  recovery: 'de volta em',
  drained: 'tudo dito em',
  closed: 'conexões fechadas pelo outro lado',
  silent: 'maior silêncio',
  lost: 'violações',
  replay: 'para repetir',
  notSimulated: 'não simulado',
  faults: 'falhas',
  target: 'alvo',
  at: 'em',
  lasted: 'durou',
};

const EN: ChaosWords = {
  kinds: {
    kill: 'kill',
    freeze: 'freeze',
    restart: 'restart',
    cut: 'cut',
    slow: 'slow',
    'half-open': 'half open',
    'disk-full': 'disk full',
    clock: 'clock jump',
  },
  violations: {
    lost: 'lost',
    doubled: 'doubled',
    unanswered: 'unanswered',
    energy: 'energy',
    cost: 'cost',
    time: 'time',
    flagged: 'flagged',
    zombie: 'zombie',
    unknown: 'unknown',
    presence: 'presence',
    command: 'command',
    odd: 'odd answer',
    relay: 'event not relayed',
    process: 'process',
  },
  phases: { chaos: 'faults', settling: 'settling' },
  connected: 'connected',
  acked: 'acked',
  kept: 'kept by chargers',
  sessions: 'sessions',
  resent: 'sent again',
  commands: 'commands',
  settled: 'all said after',
  presence: 'presence true after',
  never: 'never',
  recovery: 'recovered in',
  drained: 'drained in',
  closed: 'sockets closed by the other side',
  silent: 'longest silence',
  lost: 'violations',
  replay: 'to make it again',
  notSimulated: 'not simulated',
  faults: 'faults',
  target: 'target',
  at: 'at',
  lasted: 'lasted',
};

export function chaosWordsOf(language: Language): ChaosWords {
  return language === 'pt' ? PT : EN;
}
