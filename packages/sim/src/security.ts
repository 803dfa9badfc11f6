/** The room of certificates as the CSMS deals with them (1.6 security white paper A02, M03-M05; 2.x A02, A03, M03-M05). */
import { isObject, type JsonObject, read } from './json.js';
import { say } from './operations.js';
import { tellSecurity } from './security-events.js';
import type { Handler, StationCore } from './station.js';

const STATION_CERTIFICATE = 'ChargingStationCertificate';

/** What TriggerMessage asks for, and which certificate it is; in 1.6 there is one and it has no type. */
const TRIGGERS_2X: Readonly<Record<string, string>> = {
  SignChargingStationCertificate: STATION_CERTIFICATE,
  SignV2GCertificate: 'V2GCertificate',
};

export interface Security {
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly triggers: Readonly<Record<string, () => void>>;
}

export function security(station: StationCore): Security {
  const old = station.version === '1.6';
  let requests = 0;
  station.once('boot', function told(status) {
    if (status !== 'Accepted') station.once('boot', told);
    else tellSecurity(station, 'StartupOfTheDevice', station.o.firmwareVersion);
  });

  /** Asks for a certificate; in 2.1 under a number, which comes back with it. */
  const sign = (certificateType: string | undefined) => {
    const { certificates, settings, o } = station;
    const named = settings.get(old ? 'CpoName' : 'SecurityCtrlr.OrganizationName')?.value;
    const organisation = named === undefined || named === '' ? o.vendor : named;
    const requestId = station.version === '2.1' ? ++requests : undefined;
    const csr = certificates.request(station.identity, organisation, requestId);
    const payload = {
      csr,
      ...(certificateType === undefined ? {} : { certificateType }),
      ...(requestId === undefined ? {} : { requestId }),
    };
    station.background(async () => {
      const { status } = await station.send('SignCertificate', payload);
      if (status !== 'Accepted') certificates.forget();
    });
  };

  const certificateSigned: Handler = (p) => {
    const { certificates } = station;
    const status = certificates.signed(read.str(p, 'certificateChain'), read.optInt(p, 'requestId'));
    const invalid = old ? 'InvalidChargePointCertificate' : 'InvalidChargingStationCertificate';
    if (status === 'Rejected') return say(status, () => tellSecurity(station, invalid));
    // It holds from the next handshake on.
    if (certificates.own !== null) station.link.socket.certificate = certificates.own;
    return say(status);
  };

  const listed: Handler = (p) => {
    const { certificateType: asked } = p;
    const types = Array.isArray(asked) ? asked.map(String) : typeof asked === 'string' ? [asked] : undefined;
    const found = station.certificates.list(types);
    if (found.length === 0) return say('NotFound');
    const chain = found.map(({ type, hash }) => ({ certificateType: type, certificateHashData: hash }));
    const told: JsonObject = old
      ? { certificateHashData: found.map(({ hash }) => hash) }
      : { certificateHashDataChain: chain };
    return { answer: { status: 'Accepted', ...told } };
  };

  return {
    handlers: {
      CertificateSigned: certificateSigned,
      DeleteCertificate: (p) =>
        say(isObject(p.certificateHashData) ? station.certificates.remove(p.certificateHashData) : 'NotFound'),
      GetInstalledCertificateIds: listed,
      InstallCertificate: (p) =>
        say(station.certificates.install(read.str(p, 'certificateType'), read.str(p, 'certificate'))),
    },
    triggers: old
      ? { SignChargePointCertificate: () => sign(undefined) }
      : Object.fromEntries(Object.entries(TRIGGERS_2X).map(([word, type]) => [word, () => sign(type)])),
  };
}
