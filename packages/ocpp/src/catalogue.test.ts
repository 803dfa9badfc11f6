/** The catalogue against the schemas. */
import { describe, expect, it } from 'vitest';
import { catalogueOf, findAction } from './catalogue.js';
import { errorCode, errorCodesOf } from './errors.js';
import { loadSchemas } from './schemas.js';
import { isOcppVersion, OCPP_VERSIONS } from './version.js';

describe.each(OCPP_VERSIONS)('catalogue of %s', (version) => {
  it('has exactly the actions and answers that the schemas have', async () => {
    const { requests, responses } = await loadSchemas(version);
    const rows = catalogueOf(version);
    expect(rows.map((row) => row.action).sort()).toEqual(Object.keys(requests).sort());
    const answered = rows.filter((row) => row.hasResponse).map((row) => row.action);
    expect(answered.sort()).toEqual(Object.keys(responses).sort());
    expect(new Set(rows.map((row) => row.action)).size).toBe(rows.length);
    for (const row of rows) expect(row.hasResponse, row.action).toBe(row.kind === 'call');
  });
});

describe('findAction', () => {
  it('knows who sends what', () => {
    expect(findAction('ocpp1.6', 'SignedUpdateFirmware')?.direction).toBe('toStation');
    expect(findAction('ocpp1.6', 'SignCertificate')?.direction).toBe('toCsms');
    expect(findAction('ocpp2.1', 'DataTransfer')?.direction).toBe('both');
    expect(findAction('ocpp2.1', 'ClosePeriodicEventStream')?.direction).toBe('toCsms');
    expect(findAction('ocpp2.1', 'AdjustPeriodicEventStream')?.direction).toBe('toStation');
    expect(findAction('ocpp2.1', 'NotifyPeriodicEventStream')).toEqual({
      action: 'NotifyPeriodicEventStream',
      direction: 'toCsms',
      kind: 'send',
      hasResponse: false,
    });
  });
  it('does not know what a version lacks', () => {
    expect(findAction('ocpp1.6', 'TransactionEvent')).toBeUndefined();
    expect(findAction('ocpp2.0.1', 'BatterySwap')).toBeUndefined();
    expect(findAction('ocpp2.1', 'heartbeat')).toBeUndefined();
    expect(findAction('ocpp2.1', 'toString')).toBeUndefined();
  });
});

describe('schemas', () => {
  it('are the published ones, with their ids', async () => {
    expect((await loadSchemas('ocpp1.6')).responses.Authorize?.$id).toBe('urn:Authorize.conf');
    expect((await loadSchemas('ocpp2.1')).requests.NotifyPeriodicEventStream?.$id).toBe(
      'urn:NotifyPeriodicEventStream',
    );
  });
});

describe('errors', () => {
  it('are spelled as each version does', () => {
    expect(errorCode('ocpp1.6', 'occurrence')).toBe('OccurenceConstraintViolation');
    expect(errorCode('ocpp2.0.1', 'occurrence')).toBe('OccurrenceConstraintViolation');
    expect(errorCode('ocpp2.1', 'formation')).toBe('FormatViolation');
    expect(errorCodesOf('ocpp1.6')).toHaveLength(10);
    expect(errorCodesOf('ocpp2.1')).toHaveLength(12);
  });
  it('versions are checked', () => {
    expect(isOcppVersion('ocpp1.6')).toBe(true);
    expect(isOcppVersion('ocpp2.0')).toBe(false);
  });
});
