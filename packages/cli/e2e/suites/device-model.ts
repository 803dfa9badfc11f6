/** End to end: the device model: components, variables, monitors, events, and the provisioning of a station. */
import { createStation, type Json, type JsonObject, type Station, type StationOptions } from '@sigec/sim';
import { afterEach, expect, it } from 'vitest';
import type { CreatedDevice } from '../support/rest.js';
import { endpoint, register, type System } from '../support/system.js';
import { eventually } from '../support/wait.js';

type Row = Readonly<Record<string, unknown>>;

export function deviceModelSuite(get: () => System): void {
  const open: Station[] = [];
  afterEach(async () => {
    for (const station of open.splice(0)) await station.close();
  });

  /** A simulated charger that booted, and what it said of an action. */
  async function booted(version: StationOptions['version'], more: Partial<StationOptions> = {}) {
    const device = await register(get());
    const station = createStation({
      url: endpoint(get()),
      identity: device.identity,
      password: device.credentials.password,
      version,
      speed: 50,
      ...more,
    });
    open.push(station);
    const said: JsonObject[] = [];
    station.on('frame', ({ direction, frame }) => {
      if (direction === 'out' && frame?.kind === 'call' && frame.action === 'NotifyReport') said.push(frame.payload);
    });
    await station.boot();
    return { device, station, said };
  }

  /** A whole list, page by page. */
  async function all(path: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let cursor: unknown = ''; cursor !== null; ) {
      const page: Row = await get().rest.ok('GET', `${path}?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`);
      rows.push(...(page.items as Row[]));
      cursor = page.next_cursor;
    }
    return rows;
  }

  const put = (device: CreatedDevice, items: Row[]) =>
    get().rest.ok('PUT', `/devices/${device.id}/settings`, { items });

  async function provision(device: CreatedDevice): Promise<Row> {
    const path = `/devices/${device.id}/provisioning`;
    await get().rest.ok('POST', path);
    return eventually(async () => {
      const now = await get().rest.ok<Row>('GET', path);
      expect(now.state).toBe('done');
      return now;
    });
  }

  it('a station of 2.0.1 with 300 variables is read, set to what is wanted, and what it refuses is told', async () => {
    const { device, said } = await booted('2.0.1', { variables: 300, evses: 2 });
    const wanted = (component: string, variable: string, value: string) => ({ component, variable, value });
    await put(device, [
      wanted('OCPPCommCtrlr', 'OfflineThreshold', '77'),
      wanted('txctrlr', 'evconnectiontimeout', '90'),
      wanted('ChargingStation', 'Model', 'Another'),
      wanted('OCPPCommCtrlr', 'ResetRetries', '1'),
      wanted('Nobody', 'Nothing', '1'),
    ]);
    const done = await provision(device);
    // What the charger said on the wire, as REST shows it.
    const told = said
      .flatMap(({ reportData }) => reportData as JsonObject[])
      .map((item) => {
        const of = (value: Json | undefined) => (value ?? {}) as JsonObject;
        const [component, variable, what] = [of(item.component), of(item.variable), of(item.variableCharacteristics)];
        const evse = of(component.evse);
        const attribute = (item.variableAttribute as JsonObject[])[0] ?? {};
        return {
          ...{ component: component.name, variable: variable.name, variable_instance: variable.instance ?? null },
          ...{ evse_id: evse.id ?? null, connector_id: evse.connectorId ?? null, value: attribute.value ?? null },
          ...{ mutability: attribute.mutability, data_type: what.dataType, unit: what.unit ?? null },
        };
      });
    expect(told).toHaveLength(300);
    const set: Readonly<Record<string, string>> = { OfflineThreshold: '77', EVConnectionTimeOut: '90' };
    const expected = told.map((row) => ({ ...row, value: set[String(row.variable)] ?? row.value }));
    const rows = await all(`/devices/${device.id}/variables`);
    expect(rows).toMatchObject(expected);
    expect(rows).toHaveLength(300);
    expect(done).toMatchObject({
      applied: [
        { component: 'OCPPCommCtrlr', variable: 'OfflineThreshold', value: '77', status: 'Accepted' },
        { component: 'txctrlr', variable: 'evconnectiontimeout', value: '90', status: 'Accepted' },
      ],
      refused: [
        { component: 'ChargingStation', variable: 'Model', status: 'Rejected' },
        { component: 'Nobody', variable: 'Nothing', status: 'UnknownComponent' },
      ],
      reboot_required: false,
    });
    const request = await get().rest.ok<Row>('GET', `/devices/${device.id}/requests/${String(done.request_id)}`);
    expect(request).toMatchObject({ action: 'GetBaseReport', status: 'complete', parts: 15 });
    // Asked again for one of them, which is waited for.
    const one = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'OfflineThreshold' } };
    const asked = await get().rest.command<Row>(device.id, 'GetReport', { componentVariable: [one] }, '?wait=15');
    expect(asked.body.request).toMatchObject({
      ...{ action: 'GetReport', status: 'complete', parts: 1 },
      items: [{ ...one, variableAttribute: [{ value: '77' }] }],
    });
    expect(await all(`/devices/${device.id}/variables`)).toHaveLength(300);
  });

  it('a station of 1.6 is read, set, and what it refuses is told', async () => {
    const { device } = await booted('1.6', { variables: 100 });
    await put(device, [
      { variable: 'ResetRetries', value: '5' },
      { variable: 'NumberOfConnectors', value: '9' },
      { variable: 'Nothing', value: '1' },
      { variable: 'LocalPreAuthorize', value: 'false' },
    ]);
    expect(await provision(device)).toMatchObject({
      applied: [{ component: '', variable: 'ResetRetries', value: '5', status: 'Accepted' }],
      refused: [
        { variable: 'Nothing', status: 'NotSupported' },
        { variable: 'NumberOfConnectors', status: 'Rejected' },
      ],
    });
    const rows = await all(`/devices/${device.id}/variables`);
    expect(rows).toHaveLength(100);
    expect(rows.find((row) => row.variable === 'ResetRetries')).toMatchObject({ value: '5', mutability: 'ReadWrite' });
    expect(rows.find((row) => row.variable === 'AuthorizationKey')).toMatchObject({ value: null });
  });

  it('monitors, their events, and streams of values of 2.1 are seen by REST', async () => {
    const { device, station } = await booted('2.1');
    const power = { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'Power' } };
    const stream = { interval: 2, values: 2 };
    const setMonitoringData = [
      { ...power, type: 'UpperThreshold', value: 60_000, severity: 2 },
      { ...power, type: 'Periodic', value: 2, severity: 8, periodicEventStream: stream },
    ];
    await get().rest.command(device.id, 'SetVariableMonitoring', { setMonitoringData });
    const path = `/devices/${device.id}`;
    const shown = [{ monitor_id: 1, type: 'UpperThreshold', variable: 'Power' }, { monitor_id: 2 }];
    expect(await all(`${path}/monitors`)).toMatchObject(shown);
    await get().rest.command(device.id, 'GetMonitoringReport', {});
    station.observe('EVSE@1.Power', '61000');
    await eventually(async () => {
      expect(await all(`${path}/events`)).toMatchObject([
        { variable: 'Power', evse_id: 1, trigger: 'Alerting', actual_value: '61000', severity: 2, monitor_id: 1 },
      ]);
      expect((await all(`${path}/monitors`))[1]).toMatchObject({ learnt_from: 'NotifyMonitoringReport' });
      expect(await all(`${path}/event-streams`)).toMatchObject([
        { stream_id: 2, monitor_id: 2, variable: 'Power', closed_at: null, last_value: '61000' },
      ]);
      expect((await all(`${path}/event-streams/2/samples`)).length).toBeGreaterThan(2);
    });
    await get().rest.command(device.id, 'ClearVariableMonitoring', { id: [2] });
    await eventually(async () => {
      expect(await all(`${path}/event-streams`)).toMatchObject([{ closed_at: expect.any(String) as string }]);
    });
    expect(await all(`${path}/monitors`)).toMatchObject(shown.slice(0, 1));
  });

  it('33: a report that nobody asked for is refused, and leaves nothing', async () => {
    const { device, station } = await booted('2.0.1');
    const reportData = [
      { component: { name: 'X' }, variable: { name: 'Y' }, variableAttribute: [{ value: '1' }] },
    ] satisfies Json[];
    const report = { requestId: 1, generatedAt: new Date().toISOString(), seqNo: 0, reportData };
    await expect(station.send('NotifyReport', report)).rejects.toThrow(/PropertyConstraintViolation/);
    expect(await all(`/devices/${device.id}/variables`)).toEqual([]);
    expect(await all(`/devices/${device.id}/requests`)).toEqual([]);
  });
}
