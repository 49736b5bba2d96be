/** What a client sent that is no message of the protocol. */
export class ProtocolError extends Error {}

/** The first thing a client says, whose form differs from all that follows. */
export type Opening = 'encryption' | 'cancel' | 'session';

/** A whole message of a session, with its type and length. */
export interface ClientMessage {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * Codes of openings, and types and layouts of messages: https://www.postgresql.org/docs/18/protocol-message-formats.html
 */
const OPENINGS: ReadonlyMap<number, Opening> = new Map([
  [80_877_103, 'encryption'],
  [80_877_104, 'encryption'],
  [80_877_102, 'cancel'],
  [196_608, 'session'],
]);
const LONGEST_OPENING = 10_000;
/** In bytes. Nothing of the engine comes near it. */
const LONGEST_MESSAGE = 256 * 1024 * 1024;
/** Query, Parse, Bind, Describe, Execute, Close, Flush, Sync, Terminate. Another one would end the backend, and with it everybody's session. */
const TYPES = 'QPBDECHSX';
const TYPE_AND_LENGTH = 5;

/** Cuts a client's bytes into what it says. */
export class ClientMessages {
  private chunks: Buffer[] = [];
  private size = 0;
  private needed = 8;
  private isOpen = false;

  /** Takes what came, and answers with what is whole now. @throws ProtocolError */
  take(chunk: Buffer): readonly (Opening | ClientMessage)[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const found: (Opening | ClientMessage)[] = [];
    // A long message comes in many chunks, which are put together once.
    if (this.size < this.needed) return found;
    let bytes = Buffer.concat(this.chunks);
    while (bytes.length >= (this.needed = this.lengthOf(bytes))) {
      found.push(this.read(bytes.subarray(0, this.needed)));
      bytes = bytes.subarray(this.needed);
    }
    this.chunks = [bytes];
    this.size = bytes.length;
    return found;
  }

  /** Of the message that begins there, or of what says how long it is. */
  private lengthOf(bytes: Buffer): number {
    const before = this.isOpen ? 1 : 0;
    if (bytes.length < before + 4) return before + 4;
    if (this.isOpen && !TYPES.includes(String.fromCharCode(bytes[0]!))) throw new ProtocolError('a message of this type is not understood');
    const length = bytes.readInt32BE(before);
    const isPossible = this.isOpen ? length >= 4 && length <= LONGEST_MESSAGE : length >= 8 && length <= LONGEST_OPENING;
    if (!isPossible) throw new ProtocolError('a message of this length is not understood');
    return before + length;
  }

  private read(bytes: Buffer): Opening | ClientMessage {
    if (this.isOpen) return { type: String.fromCharCode(bytes[0]!), bytes };
    const opening = OPENINGS.get(bytes.readInt32BE(4));
    if (opening === undefined) throw new ProtocolError('only version 3.0 of the protocol is spoken here');
    this.isOpen = opening === 'session';
    return opening;
  }
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** A message of either side. */
export function messageOf(type: string, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(TYPE_AND_LENGTH);
  const body = Buffer.concat(parts);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export const queryMessage = (sql: string): Buffer => messageOf('Q', text(sql));
export const syncMessage = (): Buffer => messageOf('S');
export const closeStatementMessage = (name: string): Buffer => messageOf('C', text(`S${name}`));

/** What opens a session, as a client without wishes of its own says it. */
export function openingMessage(): Buffer {
  const words = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(words.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, words]);
}

/** Ends a session, with the reason. @param code an SQL state */
export const fatalMessage = (code: string, reason: string): Buffer =>
  messageOf('E', text('SFATAL'), text('VFATAL'), text(`C${code}`), text(`M${reason}`), Buffer.from([0]));

/** The text that begins there and ends with a zero, and where the next thing begins. @throws ProtocolError */
function textAt(bytes: Buffer, from: number): { readonly value: string; readonly next: number } {
  const end = bytes.indexOf(0, from);
  if (end < 0) throw new ProtocolError('a text in a message has no end');
  return { value: bytes.toString('utf8', from, end), next: end + 1 };
}

/** The statement of a Query or Parse; undefined for other messages. @throws ProtocolError */
export function statementIn({ type, bytes }: ClientMessage): string | undefined {
  if (type === 'Q') return textAt(bytes, TYPE_AND_LENGTH).value;
  return type === 'P' ? textAt(bytes, textAt(bytes, TYPE_AND_LENGTH).next).value : undefined;
}

/** The same Query or Parse with another statement. @throws ProtocolError */
export function withStatement({ type, bytes }: ClientMessage, sql: string): ClientMessage {
  if (type === 'Q') return { type, bytes: queryMessage(sql) };
  const name = textAt(bytes, TYPE_AND_LENGTH);
  const { next } = textAt(bytes, name.next);
  return { type, bytes: messageOf(type, text(name.value), text(sql), bytes.subarray(next)) };
}

/** The message with the name of the prepared statement that it makes or uses, if any, changed. @throws ProtocolError */
export function withStatementName(message: ClientMessage, change: (name: string) => string): ClientMessage {
  const { type, bytes } = message;
  const isOfStatement = type === 'P' || type === 'B' || ((type === 'D' || type === 'C') && bytes[TYPE_AND_LENGTH] === 'S'.charCodeAt(0));
  if (!isOfStatement) return message;
  // A Bind names the portal first; Describe and Close say first what they are about.
  const from = type === 'P' ? TYPE_AND_LENGTH : type === 'B' ? textAt(bytes, TYPE_AND_LENGTH).next : TYPE_AND_LENGTH + 1;
  const { value, next } = textAt(bytes, from);
  // The one without a name does not outlast a change of hands.
  if (value === '') return message;
  return { type, bytes: messageOf(type, bytes.subarray(TYPE_AND_LENGTH, from), text(change(value)), bytes.subarray(next)) };
}

/** Whether a session is idle (`I`), in a transaction (`T`) or in one that failed (`E`); `pipeline`: it has not been told yet, for more is to come. */
export type SessionState = 'I' | 'T' | 'E' | 'pipeline';

/** What the server's answer leaves the session in. */
export function stateAfter(answer: Uint8Array): SessionState {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  let state: SessionState = 'pipeline';
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    const isReady = bytes[at] === 'Z'.charCodeAt(0);
    state = isReady ? (String.fromCharCode(bytes[at + TYPE_AND_LENGTH]!) as SessionState) : 'pipeline';
  }
  return state;
}
