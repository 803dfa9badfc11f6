/** A client of the REST interface, with the shapes that the tests look at. */
import { type Answer, ask } from './http.js';

export interface Money {
  readonly amount_minor: number;
  readonly currency: string;
}

export interface Device {
  readonly id: string;
  readonly identity: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serial_number: string | null;
  readonly firmware_version: string | null;
  readonly ocpp_version: string | null;
  readonly registration_status: string;
  readonly status: string;
  readonly online: boolean;
  readonly connectors: readonly { evse_id: number; connector_id: number; status: string; ocpp_status: string }[];
  readonly active_transaction_ids: readonly string[];
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type CreatedDevice = Device & { readonly credentials: Credentials };

export interface Transaction {
  readonly id: string;
  readonly device_id: string;
  readonly evse_id: number;
  readonly ocpp_transaction_id: string;
  readonly id_token: string | null;
  readonly status: string;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly meter_start_wh: number | null;
  readonly meter_stop_wh: number | null;
  readonly energy_wh: number;
  readonly cost: Money;
  readonly stop_reason: string | null;
  readonly flags: readonly string[];
}

export interface Message {
  readonly at: string;
  readonly direction: 'in' | 'out';
  readonly type: 'call' | 'result' | 'error' | 'send' | 'malformed';
  readonly message_id: string;
  readonly action: string;
  readonly payload?: unknown;
  readonly raw?: string;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { field: string; message: string }[];
  readonly [field: string]: unknown;
}

/** Whatever came: the status, and the body as what it is expected to be. */
export interface Reply<T> {
  readonly status: number;
  readonly type: string;
  readonly body: T;
}

export interface CommandAnswer {
  readonly status: string;
  readonly message_id: string;
  readonly response: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly unknown[];
}

interface List<T> {
  readonly items: T[];
  readonly next_cursor: string | null;
}

export class Rest {
  #token = '';

  /** @param url without a slash at the end */
  constructor(readonly url: string) {}

  /** Of whoever logged in, for requests that are no JSON. */
  get token(): string {
    return this.#token;
  }

  async login(email: string, password: string): Promise<void> {
    const { token } = await this.ok<{ token: string }>('POST', '/auth/login', { email, password });
    this.#token = token;
  }

  async send<T>(method: string, path: string, json?: unknown): Promise<Reply<T>> {
    const answer: Answer = await ask(`${this.url}/api/v1${path}`, { method, token: this.#token, json });
    const body = (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
    return { status: answer.status, type: answer.type, body };
  }

  /** The body of a success; anything else fails with what came. */
  async ok<T>(method: string, path: string, json?: unknown): Promise<T> {
    const { status, body } = await this.send<T>(method, path, json);
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  createDevice(identity: string, more: Readonly<Record<string, unknown>> = {}): Promise<CreatedDevice> {
    return this.ok('POST', '/devices', { identity, ...more });
  }

  device(id: string): Promise<Device> {
    return this.ok('GET', `/devices/${id}`);
  }

  createIdToken(value: string, more: Readonly<Record<string, unknown>> = {}): Promise<{ id: string }> {
    return this.ok('POST', '/id-tokens', { value, ...more });
  }

  /** Whatever becomes of it; most tests look at the problem. */
  command<T = CommandAnswer>(deviceId: string, action: string, payload: object, query = ''): Promise<Reply<T>> {
    return this.send('POST', `/devices/${deviceId}/commands/${action}${query}`, payload);
  }

  startTransaction<T = Transaction>(deviceId: string, evseId: number, idToken: string): Promise<Reply<T>> {
    return this.send('POST', '/transactions/start', { device_id: deviceId, evse_id: evseId, id_token: idToken });
  }

  stopTransaction<T = { total_energy: number; cost: Money; status: string }>(id: string): Promise<Reply<T>> {
    return this.send('POST', `/transactions/${id}/stop`);
  }

  transaction(id: string): Promise<Transaction> {
    return this.ok('GET', `/transactions/${id}`);
  }

  /** Every transaction of a device, the newest first. */
  history(deviceId: string): Promise<Transaction[]> {
    return this.#all(`/transactions/history?device_id=${deviceId}`);
  }

  /** The whole OCPP log of a device, in order, page by page. */
  messages(deviceId: string): Promise<Message[]> {
    return this.#all(`/devices/${deviceId}/messages?order=asc`);
  }

  async #all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page: List<T> = await this.ok('GET', `${path}&limit=50${more}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return items;
  }
}
