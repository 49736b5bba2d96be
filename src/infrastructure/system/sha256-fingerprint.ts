import { createHash } from 'node:crypto';
import type { Fingerprint } from '../../application/ports/fingerprint.js';
import { canonicalJson } from '../../domain/json.js';

export const sha256Fingerprint: Fingerprint = (value) => createHash('sha256').update(canonicalJson(value)).digest('hex');
