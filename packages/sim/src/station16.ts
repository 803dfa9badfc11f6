/** The room of the messages of OCPP 1.6: their shapes on the wire, and the ids the CSMS gives to transactions. */
import { ANSWERS_16 } from './answers/ocpp16.js';
import { ChargingStation, type SampleContext } from './charging.js';
import { commands16 } from './commands16.js';
import type { Charge, ConnectorStatus, Evse, Flow, IdToken } from './evse.js';
import { FieldError, type JsonObject, read } from './json.js';
import type { Resolved } from './options.js';
import { NAMES_16, settings16 } from './settings16.js';
import type { StopReason } from './types.js';
import { measured, type Reading } from './values.js';

/** Reason (1.6 7.38) for each of the station's own words. */
const REASONS: Record<StopReason, string> = {
  Local: 'Local',
  Remote: 'Remote',
  DeAuthorized: 'DeAuthorized',
  EVDisconnected: 'EVDisconnected',
  EmergencyStop: 'EmergencyStop',
  HardReset: 'HardReset',
  SoftReset: 'SoftReset',
  ImmediateReset: 'HardReset',
  Reboot: 'Reboot',
  PowerLoss: 'PowerLoss',
  UnlockCommand: 'UnlockCommand',
  Other: 'Other',
};

/** What a stop names whose start was never taken by the CSMS. */
const NO_TRANSACTION = -1;

export class Station16 extends ChargingStation {
  protected override readonly answers = ANSWERS_16;
  protected override readonly handlers = commands16(this);
  protected override readonly reportsStation = true;
  protected override readonly sampleSetting = 'MeterValueSampleInterval';
  protected override readonly stopRefusedSetting = 'StopTransactionOnInvalidId';
  #placeholders = 0;

  constructor(o: Resolved) {
    super(o, settings16(o), NAMES_16);
  }

  protected override bootPayload(): JsonObject {
    const { vendor, model, serialNumber } = this.o;
    const { firmwareVersion } = this;
    return {
      chargePointVendor: vendor,
      chargePointModel: model,
      chargePointSerialNumber: serialNumber,
      firmwareVersion,
      meterType: 'simulated',
    };
  }

  protected override wireStatus(status: ConnectorStatus): string {
    return status === 'Occupied' ? 'Preparing' : status;
  }

  protected override statusPayload(evse: Evse | null, status: string): JsonObject {
    const errorCode = status === 'Faulted' ? 'OtherError' : 'NoError';
    return { connectorId: evse?.id ?? 0, errorCode, status, timestamp: this.clock.stamp() };
  }

  protected override authorizePayload(token: IdToken): JsonObject {
    return { idTag: token.idToken };
  }

  protected override authorizedStatus(answer: JsonObject): string {
    return read.str(read.obj(answer, 'idTagInfo'), 'status');
  }

  protected override newRef(): string {
    return `local-${++this.#placeholders}`;
  }

  protected override sendStart(evse: Evse, charge: Charge): void {
    const payload: JsonObject = {
      connectorId: evse.id,
      idTag: charge.token.idToken,
      meterStart: charge.meterStartWh,
      reservationId: charge.reservationId,
      timestamp: this.clock.stamp(),
    };
    this.link.keep({
      action: 'StartTransaction',
      droppable: false,
      payload: () => payload,
      onAnswer: (answer) => this.#started(evse, charge, answer),
      onDrop: (why) => this.emit('problem', why.message),
    });
  }

  #started(evse: Evse, charge: Charge, answer: JsonObject): void {
    try {
      charge.csmsId = read.int(answer, 'transactionId');
      const status = this.authorizedStatus(answer);
      this.tokens.remember(charge.token.idToken, answer);
      if (status !== 'Accepted') this.refuse(evse, charge, status);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      this.emit('problem', `StartTransaction answer: ${error.message}`);
    }
  }

  // In 1.6 the connector's status alone tells a pause; there is no message of the transaction for it.
  protected override sendFlow(_evse: Evse, _charge: Charge, _before: Flow | null): void {}

  protected override sendSample(evse: Evse, charge: Charge, context: SampleContext): void {
    const meterValue = [this.meterValue(evse, context)];
    this.link.keep({
      action: 'MeterValues',
      droppable: true,
      payload: () => ({ connectorId: evse.id, transactionId: charge.csmsId ?? NO_TRANSACTION, meterValue }),
      onAnswer: () => {},
      onDrop: () => {},
    });
  }

  protected override sendStop(evse: Evse, charge: Charge, reason: StopReason): void {
    const end = this.meterValue(evse, 'Transaction.End');
    // A token is named where a driver stopped (1.6 6.49); a stop of the station's own has none.
    const idTag = reason === 'Local' ? charge.token.idToken : undefined;
    const meterStop = evse.meter.registerWh;
    this.link.keep({
      action: 'StopTransaction',
      droppable: false,
      payload: () => ({
        idTag,
        meterStop,
        timestamp: end.timestamp,
        transactionId: charge.csmsId ?? NO_TRANSACTION,
        reason: REASONS[reason],
        transactionData: [end],
      }),
      onAnswer: () => {},
      onDrop: (why) => this.emit('problem', why.message),
    });
  }

  /** One MeterValue of a connector, in or out of a transaction; the values are text in 1.6. */
  meterValue(evse: Evse, context: SampleContext): JsonObject & { timestamp: string } {
    const { charge } = evse;
    const reading: Reading = {
      timestamp: this.clock.stamp(),
      context,
      registerWh: evse.meter.registerWh,
      powerW: charge?.powerW ?? null,
      soc: charge === null ? null : this.soc(charge),
    };
    return {
      timestamp: reading.timestamp,
      sampledValue: measured(reading).map((m) => ({
        value: String(m.value),
        context,
        measurand: m.measurand,
        unit: m.unit,
        location: m.measurand === 'SoC' ? 'EV' : 'Outlet',
      })),
    };
  }
}
