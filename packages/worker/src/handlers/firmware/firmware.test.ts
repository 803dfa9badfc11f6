import { describe, expect, it } from 'vitest';
import { CallRefused } from '../../handler.js';
import { at, openRequest, Plain } from '../../testing/plain.js';
import { MAX_WORDS } from './job.js';

const kindsOf = (plain: Plain) =>
  plain.events.map(({ kind, payload }) => [kind, (payload as { status?: string }).status]);

/** A station of 2.x that was asked for something under number 7. */
function asked(action: string, more: Parameters<typeof openRequest>[2] = {}): Plain {
  return new Plain().know('request', { stationId: 1, requestId: 7 }, openRequest(7, action, more));
}
/** A station of 1.6 whose messages name no request. */
function asked16(action: string): Plain {
  return new Plain().know('openRequest', { stationId: 1, action }, openRequest(7, action));
}
const word = (status: string, more: object = {}) => ({ status, requestId: 7, ...more });

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('firmware in %s', (version) => {
  const say = (plain: Plain, ...words: object[]) =>
    plain.batch(...words.map((payload) => ({ version, action: 'FirmwareStatusNotification', payload })));

  it('runs from word to word, and ends with Installed', () => {
    const plain = asked('UpdateFirmware');
    const words = [
      'DownloadScheduled',
      'Downloading',
      'Downloaded',
      'SignatureVerified',
      'Installing',
      'InstallRebooting',
    ];
    say(plain, ...[...words, 'Installed'].map((status) => word(status)));
    expect(plain.facts.firmwareStatus?.map(({ request, seq, status }) => [request, seq, status])).toEqual(
      [...words, 'Installed'].map((status, seq) => [70, seq, status]),
    );
    expect(plain.facts.requestState?.map(({ status }) => status)).toEqual([...words.map(() => 'running'), 'complete']);
    expect(plain.facts.requestState?.at(-1)).toMatchObject({ detail: 'Installed', endedAt: expect.any(Number) });
    expect(plain.events.at(-1)).toMatchObject({
      kind: 'firmware.status',
      payload: { device_id: '1', request_id: 7, status: 'Installed' },
    });
  });

  it.each(['DownloadFailed', 'InstallationFailed', 'InstallVerificationFailed', 'InvalidSignature'])(
    '%s ends it',
    (status) => {
      const plain = asked('UpdateFirmware');
      say(plain, word('Downloading'), word(status));
      expect(plain.facts.requestState?.at(-1)).toMatchObject({ status: 'failed', detail: status });
    },
  );

  it('takes a word once, and none after the end', () => {
    const plain = asked('UpdateFirmware');
    say(plain, word('Downloading'), word('Downloading'), word('Installed'), word('Installed'), word('Downloading'));
    expect(plain.facts.firmwareStatus?.map(({ status }) => status)).toEqual(['Downloading', 'Installed']);
    expect(plain.facts.requestState).toHaveLength(2);
    const late = asked('UpdateFirmware', { status: 'failed', endedAt: 1, detail: 'DownloadFailed', parts: 1 });
    say(late, word('Installed'));
    expect([late.facts, late.events]).toEqual([{}, []]);
  });

  it('refuses the number of no request, and of another action, and leaves nothing', () => {
    for (const plain of [new Plain(), asked('GetLog')]) {
      expect(() => say(plain, word('Installed'))).toThrow(CallRefused);
      expect([plain.facts, plain.events]).toEqual([{}, []]);
    }
  });

  it('takes Idle, and words of updates that nobody here asked for', () => {
    const plain = new Plain();
    say(plain, { status: 'Idle' }, { status: 'Installing' });
    const action = 'FirmwareStatusNotification';
    expect(plain.facts).toEqual({
      unaskedWord: [{ stationId: 1, at: expect.any(Number), action, status: 'Installing', info: null }],
    });
    expect(plain.events).toMatchObject([
      { kind: 'firmware.status', payload: { request_id: null, status: 'Installing' } },
    ]);
    const waiting = asked('UpdateFirmware');
    say(waiting, word('Idle'));
    expect(waiting.facts).toEqual({});
  });

  it('keeps so many words of one update', () => {
    const plain = asked('UpdateFirmware', { status: 'running', detail: 'Downloading', parts: MAX_WORDS });
    say(plain, word('DownloadPaused'), word('Downloading'), word('Installed'));
    expect(plain.facts.firmwareStatus).toBeUndefined();
    expect(plain.facts.requestState?.at(-1)).toMatchObject({ status: 'complete', parts: MAX_WORDS });
  });
});

describe('firmware in 1.6', () => {
  it('belongs to the newest update that has not ended', () => {
    const plain = asked16('UpdateFirmware');
    const action = 'FirmwareStatusNotification';
    const version = 'ocpp1.6';
    const words = ['Idle', 'Downloading', 'Downloaded', 'Installing', 'Installing', 'Installed', 'Installed'];
    plain.batch(...words.map((status) => ({ version, action, payload: { status } }) as const));
    expect(plain.facts.firmwareStatus?.map(({ status }) => status)).toEqual([
      ...['Downloading', 'Downloaded', 'Installing', 'Installed'],
    ]);
    expect(plain.facts.requestState?.at(-1)).toMatchObject({ id: 70, status: 'complete' });
    // The second Installed found nothing open: somebody else's, or said again.
    expect(kindsOf(plain).filter(([kind]) => kind === 'request.complete')).toHaveLength(1);
  });

  it('signed: by its number, or the newest', () => {
    const plain = asked('SignedUpdateFirmware');
    plain.say('ocpp1.6', 'SignedFirmwareStatusNotification', word('InvalidSignature'));
    expect(plain.facts.requestState).toMatchObject([{ status: 'failed', detail: 'InvalidSignature' }]);
    const unnumbered = asked16('SignedUpdateFirmware');
    unnumbered.say('ocpp1.6', 'SignedFirmwareStatusNotification', { status: 'Downloading' });
    expect(unnumbered.facts.requestState).toMatchObject([{ status: 'running' }]);
    expect(() => new Plain().say('ocpp1.6', 'SignedFirmwareStatusNotification', word('Installed'))).toThrow(
      'requestId',
    );
  });
});

describe('a publication of firmware', () => {
  const say = (plain: Plain, payload: object) => plain.say('ocpp2.0.1', 'PublishFirmwareStatusNotification', payload);
  it('ends with where it is offered', () => {
    const plain = asked('PublishFirmware');
    say(plain, word('Published', { location: ['http://10.0.0.2/fw', 'https://10.0.0.2/fw'] }));
    expect(plain.facts.publicationStatus).toMatchObject([
      { request: 70, status: 'Published', locations: ['http://10.0.0.2/fw', 'https://10.0.0.2/fw'] },
    ]);
    expect(plain.facts.requestState).toMatchObject([{ status: 'complete' }]);
    expect(plain.events.at(-1)).toMatchObject({ kind: 'firmware.publication', payload: { status: 'Published' } });
  });
  it('fails, is refused without a place, and by the number of nobody', () => {
    const plain = asked('PublishFirmware');
    expect(() => say(plain, word('Published'))).toThrow('location');
    expect(() => say(new Plain(), word('Downloading'))).toThrow('requestId');
    say(plain, word('InvalidChecksum'));
    expect(plain.facts.publicationStatus).toMatchObject([{ status: 'InvalidChecksum', locations: null }]);
    expect(plain.facts.requestState).toMatchObject([{ status: 'failed' }]);
  });
});

describe('logs', () => {
  it.each(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const)('%s: run, and end once', (version) => {
    const plain = asked('GetLog');
    const action = 'LogStatusNotification';
    plain.batch(
      ...['Uploading', 'Uploading', 'Uploaded', 'Uploaded'].map((s) => ({ version, action, payload: word(s) })),
    );
    expect(plain.facts.logStatus?.map(({ status }) => status)).toEqual(['Uploading', 'Uploaded']);
    expect(plain.facts.requestState?.map(({ status }) => status)).toEqual(['running', 'complete']);
    expect(() => new Plain().say(version, action, word('Uploaded'))).toThrow('requestId: no such request');
    expect(new Plain().say(version, action, { status: 'Idle' })).toEqual({});
  });
  it.each(['BadMessage', 'NotSupportedOperation', 'PermissionDenied', 'UploadFailure'])('%s is a failure', (status) => {
    const plain = asked('GetLog');
    plain.say('ocpp2.0.1', 'LogStatusNotification', word(status));
    expect(plain.facts.requestState).toMatchObject([{ status: 'failed', detail: status }]);
  });
  it('of 1.6 without the security extension', () => {
    const plain = asked16('GetDiagnostics');
    const say = (status: string) => plain.say('ocpp1.6', 'DiagnosticsStatusNotification', { status });
    expect(say('Idle')).toEqual({});
    say('Uploading');
    say('UploadFailed');
    expect(plain.facts.logStatus?.map(({ status }) => status)).toEqual(['Uploading', 'UploadFailed']);
    expect(plain.facts.requestState?.map(({ status }) => status)).toEqual(['running', 'failed']);
    expect(new Plain().say('ocpp1.6', 'DiagnosticsStatusNotification', { status: 'Uploaded' })).toEqual({});
  });
});

describe('what a charger knows of a customer', () => {
  const action = 'NotifyCustomerInformation';
  const part = (seqNo: number, data: string, tbc?: boolean) => ({
    requestId: 7,
    seqNo,
    data,
    tbc,
    generatedAt: at(seqNo),
  });
  it('comes in parts, each once', () => {
    const plain = asked('CustomerInformation');
    const version = 'ocpp2.0.1';
    const parts = [part(0, 'one', true), part(0, 'one', true), part(1, 'two')];
    plain.batch(...parts.map((payload) => ({ version, action, payload }) as const));
    expect(plain.facts.requestPart?.map(({ seqNo, items }) => [seqNo, items])).toEqual([
      [0, ['one']],
      [1, ['two']],
    ]);
    expect(plain.facts.requestState?.at(-1)).toMatchObject({ status: 'complete', parts: 2 });
    expect(plain.facts.customerInformation?.map(({ request }) => request)).toEqual([70, 70]);
  });
  it('is refused where nobody asked, and beyond its bound', () => {
    expect(() => new Plain().say('ocpp2.0.1', action, part(0, 'x'))).toThrow('requestId');
    const plain = asked('CustomerInformation');
    for (const seqNo of [-1, 2000]) expect(() => plain.say('ocpp2.0.1', action, part(seqNo, 'x'))).toThrow('seqNo');
    expect(plain.facts).toEqual({});
  });
});
