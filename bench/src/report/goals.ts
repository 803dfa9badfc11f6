/** The room of the goals: the one table of what is asked, and of where its figure is found. */
import { type Measurement, ratioTo, restRatio } from '../ceiling/result.js';
import { spreadOf } from '../maths.js';
import { count, times } from '../out.js';
import { type Data, type FleetFile, phaseOf } from './data.js';

export interface Aim {
  readonly what: string;
  readonly sense: 'at least' | 'at most';
  readonly limit: number;
  readonly show: (value: number) => string;
  /** Null where nobody has measured it. */
  readonly measured: (data: Data) => number | null;
}

export interface Goal {
  readonly what: string;
  /** The same in Portuguese, for the summary. */
  readonly pt: string;
  readonly aims: readonly Aim[];
}

const FLEET = 100_000;
const MANY = 500_000;
const KB = 1024;

const ms = (value: number) => `${count(value)} ms`;
const kilobytes = (value: number) => `${(value / KB).toFixed(1)} KB`;
const seconds = (value: number) => `${value.toFixed(1)} s`;
const whole = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

const atLeast = (what: string, limit: number, show: Aim['show'], measured: Aim['measured']): Aim => ({
  what,
  sense: 'at least',
  limit,
  show,
  measured,
});

const atMost = (what: string, limit: number, show: Aim['show'], measured: Aim['measured']): Aim => ({
  what,
  sense: 'at most',
  limit,
  show,
  measured,
});

type Target = Measurement['target'];

const beside = (target: Target, base: Target) => (data: Data) =>
  data.ceiling === null ? null : (ratioTo(data.ceiling.measurements, target, base)?.median ?? null);

const half = (target: Target, percentile: 'p50' | 'p95' | 'p99') => (data: Data) =>
  spreadOf((data.ceiling?.half ?? []).filter((one) => one.target === target).map((one) => one[percentile]))?.median ??
  null;

/** The smallest fleet that is large enough: a smaller one says nothing of the goal. */
const fleetOf = (data: Data, least: number): FleetFile | undefined =>
  data.fleets.find(({ stations = 0 }) => stations >= least);

const fact = (phase: string, name: string) => (data: Data) =>
  phaseOf(fleetOf(data, FLEET), phase)?.facts?.[name] ?? null;

const command = (percentile: 'p50' | 'p99') => (data: Data) =>
  phaseOf(fleetOf(data, FLEET), 'commands')?.latency?.[percentile] ?? null;

/** Chargers of the largest fleet that came through without a fault, of those that were large enough to tell. */
const held = (least: number) => (data: Data) => {
  const sizes = (data.many?.sizes ?? []).map(({ stations = 0, faults }) => ({ stations, passed: faults === 0 }));
  const tried = [...data.fleets, ...sizes];
  if (!tried.some(({ stations = 0 }) => stations >= least)) return null;
  return Math.max(0, ...tried.map(({ stations = 0, passed }) => (passed === true ? stations : 0)));
};

function growth({ growth: found }: Data): number | null {
  const sizes = found?.sizes ?? [];
  if (!sizes.some(({ stations = 0 }) => stations >= FLEET)) return null;
  return Math.max(...sizes.map(({ ratio = Number.POSITIVE_INFINITY }) => ratio));
}

const latencies = (name: string, target: Target): Aim[] => [
  atMost(`${name}, p50`, 15, ms, half(target, 'p50')),
  atMost(`${name}, p95`, 45, ms, half(target, 'p95')),
  atMost(`${name}, p99`, 100, ms, half(target, 'p99')),
];

export const GOALS: readonly Goal[] = [
  {
    what: 'heartbeat through edge, NATS and worker, against a bare uWS echo',
    pt: 'heartbeat por edge, NATS e worker, ao lado de um eco uWS puro',
    aims: [atLeast('rate', 0.85, times, beside('heartbeat', 'echo-heartbeat'))],
  },
  {
    what: 'transaction event answered after its commit, against a bare echo of the same frame',
    pt: 'evento de transação respondido após o commit, ao lado de um eco puro',
    aims: [
      atLeast('rate, message log on', 0.55, times, beside('transaction', 'echo-transaction')),
      atLeast('rate, message log off', 0.65, times, beside('transaction-nolog', 'echo-transaction')),
    ],
  },
  {
    what: 'heartbeat through the fabric, against servers that answer from memory',
    pt: 'heartbeat pela malha, ao lado de servidores que respondem da memória',
    aims: [
      atLeast('times ocpp-rpc', 1.5, times, beside('heartbeat', 'ocpp-rpc-heartbeat')),
      atLeast('times ocpp-ws-io', 1, times, beside('heartbeat', 'ocpp-ws-io-heartbeat')),
    ],
  },
  {
    what: 'server memory per idle charger',
    pt: 'memória dos servidores por carregador ocioso',
    aims: [
      atMost('edge and worker', 5 * KB, kilobytes, fact('idle', 'bytesPerCharger')),
      atMost('NATS server', KB, kilobytes, fact('idle', 'natsBytesPerCharger')),
    ],
  },
  {
    what: 'chargers connected, booted and held, none lost, no error answer',
    pt: 'carregadores conectados, iniciados e mantidos, sem perda nem erro',
    aims: [atLeast('chargers', FLEET, whole, held(FLEET)), atLeast('then', MANY, whole, held(MANY))],
  },
  {
    what: 'all 100,000 back and booted after a cut, credentials checked',
    pt: 'todos os 100.000 de volta após um corte, credenciais verificadas',
    aims: [atMost('time', 30, seconds, fact('cut', 'readySeconds'))],
  },
  {
    what: 'latency at half of capacity',
    pt: 'latência na metade da capacidade',
    aims: [...latencies('heartbeat', 'heartbeat'), ...latencies('transaction event', 'transaction')],
  },
  {
    what: 'a command to a random charger among 100,000 and back, the fleet idle',
    pt: 'um comando a um carregador qualquer entre 100.000, ida e volta',
    aims: [atMost('p50', 10, ms, command('p50')), atMost('p99', 50, ms, command('p99'))],
  },
  {
    what: 'CPU per message at 1,000, 10,000 and 100,000 chargers',
    pt: 'CPU por mensagem com 1.000, 10.000 e 100.000 carregadores',
    aims: [atMost('times the first', 1.3, times, growth)],
  },
  {
    what: 'REST GET /devices/:id, against a bare Hono hello on the same server',
    pt: 'REST GET /devices/:id, ao lado de um "hello" Hono puro',
    aims: [atLeast('rate', 0.6, times, (data) => restRatio(data.ceiling?.rest ?? [])?.median ?? null)],
  },
];

export type Verdict = 'met' | 'missed' | 'open';

export interface Judged {
  readonly verdict: Verdict;
  readonly value: number | null;
  /** How far from the goal, as a share of it; 0 where it is met. */
  readonly missedBy: number;
}

export function judge({ sense, limit, measured }: Aim, data: Data): Judged {
  const value = measured(data);
  if (value === null || !Number.isFinite(value)) return { verdict: 'open', value: null, missedBy: 0 };
  const missedBy = sense === 'at least' ? (limit - value) / limit : (value - limit) / limit;
  return missedBy <= 0 ? { verdict: 'met', value, missedBy: 0 } : { verdict: 'missed', value, missedBy };
}

/** A goal is met where all its parts are, and missed where one is. */
export function verdictOf(goal: Goal, data: Data): Verdict {
  const all = goal.aims.map((aim) => judge(aim, data).verdict);
  if (all.includes('missed')) return 'missed';
  return all.includes('open') ? 'open' : 'met';
}
