/** The room of the help's longer parts. */
import { SCENARIOS } from '../scenarios/index.js';

const list = SCENARIOS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary.en}\n${' '.repeat(13)}${summary.pt}`);

export const SCENARIO_HELP = `
Scenarios · Cenários:
${list.join('\n')}
`;

export const RUN_HELP = `${SCENARIO_HELP}
Loops:
  closed     (default of heartbeat, meter, session) one CALL in flight per station, the next at once after the answer:
             finds the capacity.
  open       --rate N or --interval T: sends are made when they are due, whatever the answers do. Latency counts from
             the time a send was due, so a server that stalls cannot hide it (no coordinated omission).

Checks: wrong, missing, late, duplicate and misdirected answers, unexpected frames and closes, stations that were denied
or never came into service. Any of them fails the run (exit code 1) unless --tolerate. Exit code 2: the run could not be
made.

Examples · Exemplos:
  # capacity for heartbeats of 500 stations
  pnpm loadtest run --url ws://127.0.0.1:9000/ocpp --scenario heartbeat --stations 500 --duration 30s

  # 20,000 transaction events per second? with the servers' CPU and memory, and a report
  pnpm loadtest run --url ws://127.0.0.1:9000/ocpp --scenario meter --stations 5k --rate 20k/s --ramp 10s \\
    --warmup 10s --duration 2m --watch edge=4711,worker=4712 --out out/meter

  # a mixed fleet with a password per station (lines of identity,password)
  pnpm loadtest run --url ws://csms:9000/ocpp --scenario session --stations 300 \\
    --version 1.6:50,2.0.1:30,2.1:20 --passwords stations.csv --meters 10

  # 50,000 idle stations for an hour, each with a heartbeat every 5 minutes
  pnpm loadtest run --url ws://127.0.0.1:9000/ocpp --scenario idle --stations 50k --interval 5m --ramp 1m --duration 1h

  # everybody back after a power cut, three times
  pnpm loadtest run --url ws://127.0.0.1:9000/ocpp --scenario storm --stations 20k --rounds 3

  # commands to random stations, 100 per second
  LOADTEST_API_PASSWORD=... pnpm loadtest run --url ws://127.0.0.1:9000/ocpp --scenario commands --stations 2k \\
    --api http://127.0.0.1:8080 --email admin@sigec.local --password-env LOADTEST_API_PASSWORD --rate 100/s
`;

export const FLEET_HELP = `
Starts NATS, Redis and PostgreSQL (as installed on this machine, PostgreSQL with its default durability), registers the
stations with a password each, starts edges on one port, workers and the control, and takes one swarm through:
  servers   everything up; what it uses without any station
  connect   all connect, log in with their password and boot
  idle      nobody says anything: memory per station
  commands  DataTransfer through REST to random stations, which answer with their identity
  hold      a heartbeat of each station per --heartbeat, and meter values of those that charge; open loop
  cut       all sockets are cut at once; all come back, log in and boot
  kill      SIGKILL to one edge under that load; its chargers come back through the others, and nobody else notices
  checks    who is online, and the transactions in the database against those acknowledged

Exit codes: 0 passed, 1 a check failed, 2 the run could not be made.

Examples · Exemplos:
  pnpm loadtest fleet --stations 300 --hold 10s
  pnpm loadtest fleet --stations 100000 --out out/fleet
  pnpm loadtest fleet --stations 500000 --heartbeat 300s --hold 2m --out out/fleet
`;

export const GROWTH_HELP = `
The same total rate of heartbeats and meter values (open loop) in fleets of each size, on the same servers and edges:
CPU per message by group, as it is and without what idle connections cost (pings), each against the first size.

Examples · Exemplos:
  pnpm loadtest growth --stations 1000,10000,100000 --out out/growth
`;

export const CHAOS_HELP = `
Starts NATS, Redis and PostgreSQL, edges, workers and the control, every link between them through a proxy, and chargers in
session. While a schedule of faults runs, chargers do what OCPP says: they keep what was not answered, and send it again in
its order. Then everything is healed, and a ledger compares what each charger was told and what it metered with the database.

Faults: kill, freeze, restart (processes), cut, slow, half-open (links), disk-full (PostgreSQL), clock (chargers).
  --faults kill:postgres,kill:nats,cut    only these; after the colon the beginning of a target's name, e.g. worker, edge 1,
                                          nats, chargers, "worker 1>postgres"

The same seed gives the same schedule, the same chargers and the same commands; when the product answers is its own affair.
Exit codes: 0 nothing lost, 1 a violation, 2 the run could not be made.

Examples · Exemplos:
  pnpm loadtest chaos --seed 7 --stations 200 --duration 2m --out out/chaos
  # acks before they are durable: this must fail
  pnpm loadtest chaos --faults kill:postgres --postgres synchronous_commit=off wal_writer_delay=10s
`;

export const SOAK_HELP = `
The product on real servers, and the scenario "mixed" day after day, every day loaded alike. Fails where memory of an edge, a
worker or control, or the p95, is more on the last day than on the second, where an answer was wrong, or where the books of
chargers and database differ.

Examples · Exemplos:
  pnpm loadtest soak --out out/soak
  pnpm loadtest soak --stations 200 --duration 3m --days 3
`;

export const OVERLOAD_HELP = `
One edge, one worker, real servers. Some chargers send transaction events at a fixed rate, alone, then under a crowd that dials
far more often than the edge admits (--admit), then alone again. Fails where one of those in session was answered wrongly, or
not at all; the latencies of the three parts, and the memory of edge and worker, are told.

Examples · Exemplos:
  pnpm loadtest overload --out out/overload
`;

export const LIVE_HELP = `
The product on real servers, one process of control, and the scenario "mixed". Five listeners and five webhooks are told of
every station, the others of a few each. Fails where anybody was not told of something, or a listener of something twice.

Examples · Exemplos:
  pnpm loadtest live --out out/live
  pnpm loadtest live --stations 200 --listeners 100 --webhooks 20 --duration 20s
`;
