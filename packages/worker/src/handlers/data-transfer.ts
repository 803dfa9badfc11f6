/** DataTransfer: a vendor's own message. No vendor is known yet, which OCPP has a word for. 1.6 section 4.3; 2.x P02. */
import { define } from '../handler.js';

const body = { kind: 'immediate', answer: () => ({ status: 'UnknownVendorId' }) as const } as const;

export const dataTransfer16 = define('ocpp1.6', 'DataTransfer', body);
export const dataTransfer2x = define('ocpp2.0.1', 'DataTransfer', body);
