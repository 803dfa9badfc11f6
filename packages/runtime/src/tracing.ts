/** Tracing: OpenTelemetry, off unless asked for. Spans are made per request and per batch, never per charger message. */
import { type Attributes, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node';

export type { Span } from '@opentelemetry/api';
export type { SpanProcessor } from '@opentelemetry/sdk-trace-node';

export interface TracingOptions {
  readonly role: string;
  readonly enabled: boolean;
  /** Share of traces kept, 0 to 1 (0.01). */
  readonly ratio?: number;
  /** Where spans go. Default: a collector by OTLP over HTTP, at OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly processors?: readonly SpanProcessor[];
}

export interface Tracing {
  /** Hands over what is left. */
  close(): Promise<void>;
}

/** Starts tracing for this process. Where it is off, {@link traced} costs a function call. */
export async function startTracing({ role, enabled, ratio, processors }: TracingOptions): Promise<Tracing> {
  if (!enabled) return { close: () => Promise.resolve() };
  // Loaded only where it is used: every process of every role starts without it.
  const [{ NodeTracerProvider, ParentBasedSampler, TraceIdRatioBasedSampler }, { resourceFromAttributes }] =
    await Promise.all([import('@opentelemetry/sdk-trace-node'), import('@opentelemetry/resources')]);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `sigec-${role}` }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio ?? 0.01) }),
    spanProcessors: [...(processors ?? [await collector()])],
  });
  provider.register();
  return {
    async close() {
      await provider.shutdown();
      trace.disable();
    },
  };
}

async function collector(): Promise<SpanProcessor> {
  const [{ OTLPTraceExporter }, { BatchSpanProcessor }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/sdk-trace-node'),
  ]);
  return new BatchSpanProcessor(new OTLPTraceExporter());
}

/** Runs `work` inside a span; a rejection marks the span and goes on. Attributes must not hold secrets. */
export function traced<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer('sigec').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'failed' });
      throw error;
    } finally {
      span.end();
    }
  });
}
