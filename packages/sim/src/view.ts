/**
 * The room of what a person sees while a station runs: a line per event, and on a terminal a last line that lives.
 * Words are Portuguese first, English beside.
 */
import pc from 'picocolors';
import type { FrameEvent } from './link.js';
import { clean, summarise } from './summary.js';
import type { EvseSnapshot, Registration, Station, StationEvents } from './types.js';

/** What a view writes to; `process.stdout` is one. */
export interface ViewStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface ViewOptions {
  /** Default: on a terminal, unless NO_COLOR is set. */
  color?: boolean;
}

const STATES: Partial<Record<EvseSnapshot['status'], string>> = {
  Available: 'livre · available',
  Preparing: 'preparando · preparing',
  Occupied: 'ocupado · occupied',
  Charging: 'carregando · charging',
  SuspendedEV: 'pausa do carro · suspended by EV',
  SuspendedEVSE: 'pausa da estação · suspended by EVSE',
  Finishing: 'terminando · finishing',
  Reserved: 'reservado · reserved',
  Unavailable: 'indisponível · unavailable',
  Faulted: 'falha · faulted',
};

const REGISTRATION: Record<Registration, string> = {
  none: 'sem registro · not registered',
  Pending: 'registro pendente · pending',
  Rejected: 'registro recusado · rejected',
  Accepted: 'registrada · accepted',
};

const BAR = 12;

/** A state of charge as a bar and a figure. */
export function socBar(percent: number): string {
  const full = Math.max(0, Math.min(BAR, Math.round((percent / 100) * BAR)));
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.round(percent)} %`;
}

const comma = (n: number, digits: number): string => n.toFixed(digits).replace('.', ',');

/** The live line of one EVSE, without colours. */
export function statusLine(e: EvseSnapshot, online: boolean, kept: number): string {
  const parts = [`EVSE ${e.evse}`, STATES[e.status] ?? e.status];
  if (e.transaction !== null) {
    parts.push(`${comma(e.powerW / 1000, 1)} kW`, `${comma(e.transaction.energyWh / 1000, 3)} kWh`);
  }
  if (e.soc !== null) parts.push(socBar(e.soc));
  // A message or two between two answers is no queue worth a word.
  if (!online) parts.push('sem conexão · offline', `${kept} na fila · queued`);
  return parts.join('  ');
}

/** Shows a station's life on a stream; the function given back ends that. */
export function attachView(station: Station, stream: ViewStream, options: ViewOptions = {}): () => void {
  const live = stream.isTTY === true;
  const noColor = process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '';
  const c = pc.createColors(options.color ?? (live && !noColor));
  let shown = false;

  const erase = () => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  const drawStatus = () => {
    if (!live || station.isClosed) return;
    const { evses, online, kept } = station.snapshot();
    const evse = evses.find((e) => e.transaction !== null) ?? evses[0];
    if (evse === undefined) return;
    erase();
    const line = statusLine(evse, online, kept).slice(0, Math.max(20, (stream.columns ?? 100) - 1));
    stream.write(evse.transaction === null ? c.dim(line) : c.cyan(line));
    shown = true;
  };
  const print = (line: string) => {
    erase();
    stream.write(`${c.dim(new Date().toLocaleTimeString('pt-BR', { hour12: false }))} ${line}\n`);
    drawStatus();
  };

  const onFrame = (event: FrameEvent) => {
    const { action, rest, failed } = summarise(event);
    const out = event.direction === 'out';
    const arrow = out ? c.green('↑') : c.blue('↓');
    const isAnswer = event.frame.kind !== 'call' && event.frame.kind !== 'send';
    const name = isAnswer ? c.dim(clean(action)) : c.bold(clean(action));
    const mark = isAnswer ? (failed ? c.red(' ✗') : c.green(' ✓')) : '';
    print(`${arrow} ${name}${mark} ${failed ? c.red(rest) : rest}`.trimEnd());
  };
  const listeners: { [E in keyof StationEvents]?: (...args: StationEvents[E]) => void } = {
    open: () => print(c.green(`● conectada · connected  ${station.identity}  OCPP ${station.version}`)),
    close: (code, reason) => print(c.yellow(clean(`○ conexão encerrada · closed  ${code} ${reason}`))),
    refused: (status) =>
      print(c.red(`✗ recusada · refused  HTTP ${status}${status === 401 ? '  senha · password?' : ''}`)),
    failed: (reason) => print(c.red(clean(`✗ sem conexão · no connection  ${reason}`))),
    boot: (status, interval) => {
      const line = `${REGISTRATION[status]}  (${interval} s)`;
      print(status === 'Accepted' ? c.green(line) : c.yellow(line));
    },
    started: (t) => print(c.cyan(clean(`▶ recarga iniciada · charging started  EVSE ${t.evse}  ${t.idToken}`))),
    stopped: (t) =>
      print(c.cyan(`■ recarga encerrada · charging ended  ${comma(t.energyWh / 1000, 3)} kWh  ${t.reason ?? ''}`)),
    problem: (text) => print(c.red(clean(`! ${text}`))),
    tick: drawStatus,
    closed: () => erase(),
    frame: onFrame,
  };
  const each = Object.entries(listeners) as [keyof StationEvents, () => void][];
  for (const [event, listener] of each) station.on(event, listener);
  return () => {
    for (const [event, listener] of each) station.off(event, listener);
    erase();
  };
}
