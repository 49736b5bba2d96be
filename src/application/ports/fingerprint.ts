import type { Json } from '../../domain/json.js';

/** SHA-256 (lower-case hex) of a value's canonical JSON. */
export type Fingerprint = (value: Json) => string;

export const FINGERPRINT = Symbol('Fingerprint');
