const UUID_BYTES = 16;

/** The 16 bytes of a UUID as text. @throws RangeError where it is none */
export function uuidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  if (bytes.length !== UUID_BYTES) throw new RangeError('Unrecognized Guid format.');
  return bytes;
}

export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
