/** NotifyReport: a part of a report of the device model. 2.x B07, B08. */
import type { RequestOf } from '@sigec/ocpp';
import type { LearntVariable } from '@sigec/store';
import { define } from '../../handler.js';
import { needsRequest, requestOf, takePart } from '../requests.js';
import { isSecret, kept, nameIn, partNumber } from './names.js';

const REPORTS = ['GetBaseReport', 'GetReport'] as const;

// 2.1 adds the most elements of a list.
type Told = NonNullable<RequestOf<'ocpp2.1', 'NotifyReport'>['reportData']>[number];

/** One row for each attribute. */
function learnt(stationId: number, told: Told, index: number): LearntVariable[] {
  const field = `reportData/${index}`;
  const name = nameIn(told.component, told.variable, field);
  const secret = isSecret(name);
  const of = told.variableCharacteristics;
  return told.variableAttribute.map((attribute) => ({
    stationId,
    ...name,
    attribute: attribute.type ?? 'Actual',
    value: secret || attribute.mutability === 'WriteOnly' ? null : kept(attribute.value),
    mutability: attribute.mutability ?? 'ReadWrite',
    persistent: attribute.persistent ?? false,
    constant: attribute.constant ?? false,
    dataType: of?.dataType ?? null,
    unit: kept(of?.unit),
    minLimit: of?.minLimit ?? null,
    maxLimit: of?.maxLimit ?? null,
    maxElements: Number.isSafeInteger(of?.maxElements) ? (of?.maxElements ?? null) : null,
    valuesList: kept(of?.valuesList),
    supportsMonitoring: of?.supportsMonitoring ?? null,
    from: 'NotifyReport',
  }));
}

/** As the gathered answer shows it: without secrets. */
function clean(told: Told): Told {
  const secret = isSecret(nameIn(told.component, told.variable, ''));
  const variableAttribute = told.variableAttribute.map((attribute) => {
    const { value: _, ...rest } = attribute;
    return secret || attribute.mutability === 'WriteOnly' ? rest : attribute;
  });
  return { ...told, variableAttribute };
}

export const notifyReport2x = define('ocpp2.0.1', 'NotifyReport', {
  kind: 'durable',
  needs: (call, needs) => needsRequest(call, needs, call.payload.requestId),
  handle(call, unit) {
    const { stationId, payload } = call;
    const { requestId, tbc, reportData = [] } = payload;
    const seqNo = partNumber(payload.seqNo);
    const request = requestOf(call, unit, requestId, REPORTS);
    const rows = reportData.flatMap((told, index) => learnt(stationId, told, index));
    if (!takePart(call, unit, REPORTS, { requestId, seqNo, tbc, items: reportData.map(clean) })) return {};
    for (const row of rows) unit.add('variable', row);
    if (tbc !== true) unit.add('inventoryEnd', { request: request.id });
    unit.tell(stationId, 'variables.reported', { request_id: requestId, variables: reportData.length });
    return {};
  },
});
