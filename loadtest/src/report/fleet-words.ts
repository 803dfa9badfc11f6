/** The room of the words of a fleet's run, in Brazilian Portuguese and English. */
import type { Check, Fact, Party } from '../fleet/result.js';
import type { Language } from './words.js';

interface FleetWords {
  readonly title: string;
  readonly growthTitle: string;
  readonly stations: string;
  readonly edges: string;
  readonly workers: string;
  readonly clients: string;
  readonly phases: string;
  readonly phase: string;
  readonly seconds: string;
  readonly messages: string;
  readonly rate: string;
  readonly perMessage: string;
  readonly cpu: string;
  readonly memory: string;
  readonly available: string;
  readonly checks: string;
  readonly good: string;
  readonly bad: string;
  readonly others: string;
  readonly size: string;
  readonly idleCpu: string;
  readonly ratio: string;
  readonly wholeCpu: string;
  readonly netCpu: string;
  readonly memoryNote: string;
  readonly growthNote: string;
  readonly server: string;
  /** Before the figure, and after it. */
  readonly facts: Readonly<Record<Fact, readonly [label: string, unit: string]>>;
  readonly checkNames: Readonly<Record<Check, string>>;
  readonly parties: Readonly<Record<Party, string>>;
}

const PT: FleetWords = {
  title: 'Frota SIGEC',
  growthTitle: 'Custo por mensagem conforme a frota cresce',
  stations: 'estações',
  edges: 'edges',
  workers: 'workers',
  clients: 'processos do cliente',
  phases: 'Fases',
  phase: 'Fase',
  seconds: 'duração',
  messages: 'mensagens',
  rate: 'por segundo',
  perMessage: 'CPU por mensagem (µs)',
  cpu: 'CPU (s)',
  memory: 'Memória ao fim (MB)',
  available: 'livre',
  checks: 'Conferências',
  good: 'ok',
  bad: 'FALHOU',
  others: 'estações não atingidas',
  size: 'estações',
  idleCpu: 'CPU em repouso (% de um núcleo)',
  ratio: 'em relação à primeira',
  wholeCpu: 'CPU por mensagem, tudo incluído (µs)',
  netCpu: 'CPU por mensagem, sem o custo do repouso (µs)',
  memoryNote:
    'Memória por estação: crescimento do RSS entre os servidores prontos e o fim do repouso, dividido pelas estações. A do kernel (sockets) não está nela; "livre" é o MemAvailable da máquina.',
  growthNote:
    'A mesma taxa total em malha aberta para cada tamanho, com os mesmos edges. O repouso é o que as conexões custam sem mensagens (pings).',
  server: 'servidores',
  facts: {
    edges: ['edges', ''],
    workers: ['workers', ''],
    connectedSeconds: ['todas conectadas após', 's'],
    readySeconds: ['todas em serviço após', 's'],
    fullestEdge: ['sessões no edge mais cheio', ''],
    bytesPerCharger: ['edges e workers', 'bytes por estação'],
    natsBytesPerCharger: ['NATS', 'bytes por estação'],
    otherBytesPerCharger: ['control, Redis e PostgreSQL', 'bytes por estação'],
    clientBytesPerCharger: ['cliente de carga', 'bytes por estação'],
    targetRate: ['taxa pedida', '/s'],
    behind: ['envios atrasados', ''],
    clientLagP99: ['atraso do próprio cliente, p99', 'ms'],
    sessions: ['sessões do edge morto', ''],
    lost: ['sockets perdidos', ''],
    hitAnswers: ['respostas às atingidas', ''],
    hitP99: ['respostas às atingidas, p99', 'ms'],
    backP50: ['volta de cada uma, p50', 'ms'],
    backP99: ['volta de cada uma, p99', 'ms'],
    online: ['online no banco', ''],
    onlineByRest: ['online pela REST', ''],
    restSeconds: ['lista pela REST', 's'],
    transactions: ['transações no banco', ''],
    energyWh: ['energia no banco', 'Wh'],
  },
  checkNames: {
    allConnected: 'todas conectadas e inicializadas',
    idleHeld: 'todas ficam em repouso',
    commandsAnswered: 'cada comando respondido pela estação certa',
    holdAnswered: 'cada envio feito e respondido',
    allBackAfterCut: 'todas de volta após o corte',
    onlyThatEdge: 'só caíram as do edge morto',
    allBackAfterKill: 'todas de volta após a morte do edge',
    onlineInDatabase: 'online no banco',
    onlineByRest: 'online pela REST',
    ledger: 'transações no banco iguais às confirmadas',
    noFault: 'nenhuma resposta errada, ausente ou duplicada',
  },
  parties: {
    edge: 'edges',
    worker: 'workers',
    control: 'control',
    nats: 'NATS',
    redis: 'Redis',
    postgres: 'PostgreSQL',
    client: 'cliente',
  },
};

const EN: FleetWords = {
  title: 'SIGEC fleet',
  growthTitle: 'Cost per message as the fleet grows',
  stations: 'stations',
  edges: 'edges',
  workers: 'workers',
  clients: 'client processes',
  phases: 'Phases',
  phase: 'Phase',
  seconds: 'took',
  messages: 'messages',
  rate: 'per second',
  perMessage: 'CPU per message (µs)',
  cpu: 'CPU (s)',
  memory: 'Memory at its end (MB)',
  available: 'available',
  checks: 'Checks',
  good: 'ok',
  bad: 'FAILED',
  others: 'stations that were not hit',
  size: 'stations',
  idleCpu: 'CPU while idle (% of a core)',
  ratio: 'against the first',
  wholeCpu: 'CPU per message, all of it (µs)',
  netCpu: 'CPU per message, without what idling costs (µs)',
  memoryNote:
    'Memory per station: growth of the RSS from the servers being ready until the end of the idle phase, divided by the stations. The kernel\'s own (sockets) is not in it; "available" is the machine\'s MemAvailable.',
  growthNote:
    'The same total rate in open loop at each size, with the same edges. Idling is what connections cost without messages (pings).',
  server: 'servers',
  facts: {
    edges: ['edges', ''],
    workers: ['workers', ''],
    connectedSeconds: ['all connected after', 's'],
    readySeconds: ['all in service after', 's'],
    fullestEdge: ['sessions on the fullest edge', ''],
    bytesPerCharger: ['edges and workers', 'bytes per station'],
    natsBytesPerCharger: ['NATS', 'bytes per station'],
    otherBytesPerCharger: ['control, Redis and PostgreSQL', 'bytes per station'],
    clientBytesPerCharger: ['load client', 'bytes per station'],
    targetRate: ['asked for', '/s'],
    behind: ['sends behind schedule', ''],
    clientLagP99: ["the client's own delay, p99", 'ms'],
    sessions: ['sessions of the killed edge', ''],
    lost: ['sockets lost', ''],
    hitAnswers: ['answers to those that were hit', ''],
    hitP99: ['answers to those that were hit, p99', 'ms'],
    backP50: ['return of each, p50', 'ms'],
    backP99: ['return of each, p99', 'ms'],
    online: ['online in the database', ''],
    onlineByRest: ['online by REST', ''],
    restSeconds: ['list by REST', 's'],
    transactions: ['transactions in the database', ''],
    energyWh: ['energy in the database', 'Wh'],
  },
  checkNames: {
    allConnected: 'all connected and booted',
    idleHeld: 'all stay while idle',
    commandsAnswered: 'every command answered by the right station',
    holdAnswered: 'every send made and answered',
    allBackAfterCut: 'all back after the cut',
    onlyThatEdge: 'only those of the killed edge were lost',
    allBackAfterKill: 'all back after the edge was killed',
    onlineInDatabase: 'online in the database',
    onlineByRest: 'online by REST',
    ledger: 'transactions in the database are those acknowledged',
    noFault: 'no wrong, missing or duplicate answer',
  },
  parties: { ...PT.parties, client: 'client' },
};

export function fleetWordsOf(language: Language): FleetWords {
  return language === 'pt' ? PT : EN;
}

export type { FleetWords };
