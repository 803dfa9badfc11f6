/** Answers about monitors and streams of values: what was agreed is known from then on. 2.x N03 to N06; 2.1 N12, N13. */
import {
  adjustStream,
  forgetMonitors,
  keepOnlyStreams,
  type LearntMonitor,
  learnMonitors,
  type StreamState,
  setMonitoringBase,
  setMonitoringLevel,
  tellEvent,
} from '@sigec/store';
import type { CommandContext, Effect } from '../effect.js';
import { nameFrom, numberOf, objectOf, objects, textOf, wholeOf } from './said.js';

const INT4 = 2 ** 31 - 1;

const tell = ({ services: { db }, station }: CommandContext, kind: string, more: object): Promise<void> =>
  tellEvent(db, station.tenantId, kind, { device_id: String(station.id), ...more });

/** The answer names the variable, type and severity, but not the value: that stands in what was asked, at its place. */
export const setVariableMonitoring: Effect = {
  async begin(context, payload) {
    return {
      async answered({ response }) {
        const asked = objects(payload.setMonitoringData);
        const rows = objects(response.setMonitoringResult).flatMap((result, n): LearntMonitor[] => {
          const item = asked[n] ?? {};
          const name = nameFrom(item);
          const [monitorId, value, severity] = [wholeOf(result.id), numberOf(item.value), wholeOf(item.severity)];
          if (result.status !== 'Accepted' || name === undefined || monitorId === null || value === null) return [];
          if (severity === null || severity < 0 || severity > INT4) return [];
          const type = textOf(item.type) ?? '';
          const inTransaction = item.transaction === true;
          const of = { stationId: context.station.id, monitorId, type, value, severity, inTransaction };
          return [{ ...name, ...of, notificationType: 'CustomMonitor', from: context.action }];
        });
        await learnMonitors(context.services.db, rows);
        if (rows.length > 0) await tell(context, 'monitors.set', { monitor_ids: rows.map((row) => row.monitorId) });
        return undefined;
      },
    };
  },
};

export const clearVariableMonitoring: Effect = {
  async begin(context) {
    return {
      async answered({ response }) {
        const gone = objects(response.clearMonitoringResult)
          .filter(({ status }) => status === 'Accepted' || status === 'NotFound')
          .flatMap(({ id }) => wholeOf(id) ?? []);
        const known = await forgetMonitors(context.services.db, context.station.id, gone);
        if (known > 0) await tell(context, 'monitors.cleared', { monitor_ids: gone });
        return undefined;
      },
    };
  },
};

const taken = (response: Readonly<Record<string, unknown>>): boolean => response.status === 'Accepted';

export const monitoringBase: Effect = {
  async begin(context, payload) {
    const { services, actor, station } = context;
    return {
      async answered({ response }) {
        const base = textOf(payload.monitoringBase);
        if (base === null || !taken(response)) return undefined;
        await setMonitoringBase(services.db, actor, station.id, base);
        await tell(context, 'monitoring.changed', { base });
        return undefined;
      },
    };
  },
};

export const monitoringLevel: Effect = {
  async begin(context, payload) {
    const { services, actor, station } = context;
    return {
      async answered({ response }) {
        const level = wholeOf(payload.severity);
        if (level === null || Math.abs(level) > INT4 || !taken(response)) return undefined;
        await setMonitoringLevel(services.db, actor, station.id, level);
        await tell(context, 'monitoring.changed', { level });
        return undefined;
      },
    };
  },
};

export const adjustPeriodicEventStream: Effect = {
  async begin(context, payload) {
    return {
      async answered({ response }) {
        const [id, params] = [wholeOf(payload.id), objectOf(payload.params)];
        if (id === null || !taken(response)) return undefined;
        const [interval, values] = [numberOf(params.interval), wholeOf(params.values)];
        await adjustStream(context.services.db, context.station.id, id, interval, values);
        await tell(context, 'stream.adjusted', { stream_id: id, interval_s: interval, values_each: values });
        return undefined;
      },
    };
  },
};

export const getPeriodicEventStream: Effect = {
  async begin({ services, station }) {
    return {
      async answered({ response }) {
        const open = objects(response.constantStreamData).flatMap((item): StreamState[] => {
          const [streamId, monitorId] = [wholeOf(item.id), wholeOf(item.variableMonitoringId)];
          if (streamId === null || monitorId === null) return [];
          const params = objectOf(item.params);
          const [intervalS, valuesEach] = [numberOf(params.interval), wholeOf(params.values)];
          const of = { stationId: station.id, streamId, monitorId, name: null, intervalS, valuesEach };
          return [{ ...of, openedAt: services.clock.now(), closedAt: null }];
        });
        await keepOnlyStreams(services.db, station.id, open);
        return undefined;
      },
    };
  },
};
