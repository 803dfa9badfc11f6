/** Tracing: OpenTelemetry, off unless asked for, and never on the path of a charger's message when off. */
import { type Tracer, trace } from '@opentelemetry/api';
import {
  NodeTracerProvider,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';

export type { Span, Tracer } from '@opentelemetry/api';
export type { SpanProcessor } from '@opentelemetry/sdk-trace-node';

export interface TracingOptions {
  readonly role: string;
  readonly enabled: boolean;
  /** Share of traces kept, 0 to 1 (0.01). */
  readonly ratio?: number;
  /** Where spans go; which exporter is the caller's choice. */
  readonly processors?: readonly SpanProcessor[];
}

export interface Tracing {
  readonly enabled: boolean;
  /** Does nothing where tracing is off. */
  readonly tracer: Tracer;
  /** Hands over what is left. */
  close(): Promise<void>;
}

/** Starts tracing for a role. */
export function startTracing(options: TracingOptions): Tracing {
  const name = `sigec-${options.role}`;
  if (!options.enabled) return { enabled: false, tracer: trace.getTracer(name), close: () => Promise.resolve() };
  const provider = new NodeTracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.ratio ?? 0.01) }),
    spanProcessors: [...(options.processors ?? [])],
  });
  provider.register();
  return { enabled: true, tracer: provider.getTracer(name), close: () => provider.shutdown() };
}
