/** The room of the messages of OCPP 2.0.1 and 2.1, which are alike in all a station says. */
import { ANSWERS_21 } from './answers/ocpp21.js';
import { ANSWERS_201 } from './answers/ocpp201.js';
import { ChargingStation, type SampleContext } from './charging.js';
import { commands2x } from './commands2x.js';
import type { Charge, ConnectorStatus, Evse, Flow, IdToken } from './evse.js';
import { isObject, type JsonObject, read } from './json.js';
import { newTransactionId } from './operations.js';
import type { Resolved } from './options.js';
import { NAMES_2X, settings2x } from './settings2x.js';
import type { StopReason } from './types.js';
import { measured } from './values.js';

/** stoppedReason and triggerReason of TransactionEvent Ended (2.0.1 3.81 and 3.83) for the station's own words. */
const ENDINGS: Record<StopReason, { stoppedReason: string; triggerReason: string }> = {
  Local: { stoppedReason: 'Local', triggerReason: 'StopAuthorized' },
  Remote: { stoppedReason: 'Remote', triggerReason: 'RemoteStop' },
  DeAuthorized: { stoppedReason: 'DeAuthorized', triggerReason: 'Deauthorized' },
  EVDisconnected: { stoppedReason: 'EVDisconnected', triggerReason: 'EVCommunicationLost' },
  EmergencyStop: { stoppedReason: 'EmergencyStop', triggerReason: 'AbnormalCondition' },
  HardReset: { stoppedReason: 'ImmediateReset', triggerReason: 'ResetCommand' },
  SoftReset: { stoppedReason: 'ImmediateReset', triggerReason: 'ResetCommand' },
  ImmediateReset: { stoppedReason: 'ImmediateReset', triggerReason: 'ResetCommand' },
  Reboot: { stoppedReason: 'Reboot', triggerReason: 'ResetCommand' },
  PowerLoss: { stoppedReason: 'PowerLoss', triggerReason: 'AbnormalCondition' },
  UnlockCommand: { stoppedReason: 'Other', triggerReason: 'UnlockCommand' },
  Other: { stoppedReason: 'Other', triggerReason: 'AbnormalCondition' },
};

const CONNECTOR = 1;

interface EventParts {
  eventType: 'Started' | 'Updated' | 'Ended';
  triggerReason: string;
  context?: SampleContext;
  info?: JsonObject;
  idToken?: IdToken | undefined;
  reservationId?: number | undefined;
}

export class Station2x extends ChargingStation {
  protected override readonly answers = this.o.version === '2.1' ? ANSWERS_21 : ANSWERS_201;
  protected override readonly handlers = commands2x(this);
  protected override readonly reportsStation = false;
  protected override readonly sampleSetting = 'SampledDataCtrlr.TxUpdatedInterval';
  protected override readonly stopRefusedSetting = 'TxCtrlr.StopTxOnInvalidId';

  constructor(o: Resolved) {
    super(o, settings2x(o), NAMES_2X);
  }

  protected override bootPayload(reason: string): JsonObject {
    const { vendor, model, serialNumber } = this.o;
    const { firmwareVersion } = this;
    return { reason, chargingStation: { vendorName: vendor, model, serialNumber, firmwareVersion } };
  }

  protected override wireStatus(status: ConnectorStatus): string {
    const plain: ConnectorStatus[] = ['Available', 'Reserved', 'Unavailable', 'Faulted'];
    return plain.includes(status) ? status : 'Occupied';
  }

  protected override statusPayload(evse: Evse | null, connectorStatus: string): JsonObject {
    return { timestamp: this.clock.stamp(), connectorStatus, evseId: evse?.id ?? 0, connectorId: CONNECTOR };
  }

  protected override authorizePayload(token: IdToken): JsonObject {
    return { idToken: { idToken: token.idToken, type: token.type } };
  }

  protected override authorizedStatus(answer: JsonObject): string {
    return read.str(read.obj(answer, 'idTokenInfo'), 'status');
  }

  protected override newRef(): string {
    return newTransactionId();
  }

  protected override sendStart(evse: Evse, charge: Charge): void {
    this.#event(evse, charge, {
      eventType: 'Started',
      triggerReason: charge.remote ? 'RemoteStart' : 'Authorized',
      context: 'Transaction.Begin',
      info: { chargingState: 'EVConnected', remoteStartId: charge.remoteStartId },
      idToken: charge.token,
      reservationId: charge.reservationId,
    });
  }

  protected override sendFlow(evse: Evse, charge: Charge): void {
    this.#event(evse, charge, { eventType: 'Updated', triggerReason: 'ChargingStateChanged' });
  }

  protected override sendSample(evse: Evse, charge: Charge, context: SampleContext): void {
    const triggerReason = context === 'Trigger' ? 'Trigger' : 'MeterValuePeriodic';
    this.#event(evse, charge, { eventType: 'Updated', triggerReason, context });
  }

  protected override sendStop(evse: Evse, charge: Charge, reason: StopReason): void {
    const { stoppedReason, triggerReason } = ENDINGS[reason];
    this.#event(evse, charge, {
      eventType: 'Ended',
      triggerReason,
      context: 'Transaction.End',
      info: { chargingState: 'EVConnected', stoppedReason, remoteStartId: charge.remoteStartId },
      idToken: reason === 'Local' ? charge.token : undefined,
    });
  }

  /** H04: whoever reserved it learns that it is gone. */
  protected override reservationRemoved(reservationId: number): void {
    this.background(() => this.send('ReservationStatusUpdate', { reservationId, reservationUpdateStatus: 'Removed' }));
  }

  /** One MeterValue of an EVSE; `timestamp` is the message's own, the sample being taken for it. */
  meterValue(evse: Evse, context: SampleContext, timestamp = this.clock.stamp()): JsonObject {
    const { charge } = evse;
    const reading = {
      timestamp,
      context,
      registerWh: evse.meter.registerWh,
      powerW: charge?.powerW ?? null,
      soc: charge === null ? null : this.soc(charge),
    };
    return {
      timestamp,
      sampledValue: measured(reading).map((m) => ({
        value: m.value,
        context,
        measurand: m.measurand,
        location: m.measurand === 'SoC' ? 'EV' : 'Outlet',
        unitOfMeasure: { unit: m.unit },
      })),
    };
  }

  /** Keeps one TransactionEvent; seqNo counts from 0 within the transaction (E01.FR.07). */
  #event(evse: Evse, charge: Charge, parts: EventParts): void {
    const timestamp = this.clock.stamp();
    const flow: Flow | null = charge.flow;
    const payload: JsonObject = {
      eventType: parts.eventType,
      timestamp,
      triggerReason: parts.triggerReason,
      seqNo: charge.seqNo++,
      offline: !this.isOnline,
      transactionInfo: { transactionId: charge.ref, chargingState: flow ?? 'EVConnected', ...parts.info },
      evse: { id: evse.id, connectorId: CONNECTOR },
      idToken: parts.idToken === undefined ? undefined : { ...parts.idToken },
      reservationId: parts.reservationId,
      meterValue: parts.context === undefined ? undefined : [this.meterValue(evse, parts.context, timestamp)],
    };
    this.link.keep({
      action: 'TransactionEvent',
      droppable: parts.eventType === 'Updated',
      payload: () => payload,
      onAnswer: (answer) => {
        const info = answer.idTokenInfo;
        if (!isObject(info) || typeof info.status !== 'string') return;
        this.tokens.remember((parts.idToken ?? charge.token).idToken, answer);
        if (info.status !== 'Accepted') this.refuse(evse, charge, info.status);
      },
      onDrop: (why) => {
        if (parts.eventType !== 'Updated') this.emit('problem', why.message);
      },
    });
  }
}
