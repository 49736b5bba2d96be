/** A plain-text e-mail. The texts of its headers must have no line breaks. */
export interface InternetMessage {
  readonly from: string;
  /** An ASCII address without display name. */
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  /** With its angle brackets. */
  readonly messageId: string;
  /** Milliseconds since the Unix epoch. */
  readonly sentAt: number;
}

/** Bytes of an encoded word, so that a line of `Subject: ` and `=?UTF-8?B?…?=` keeps to 76 characters (RFC 2047, section 2). */
const ENCODED_WORD_BYTES = 39;
/** Room for `Subject: ` within the 78 characters that RFC 5322, section 2.1.1, recommends for a line. */
const PLAIN_SUBJECT_LENGTH = 69;
/** Base64 lines of MIME (RFC 2045, section 6.8). */
const BASE64_LINE = 76;

/** A header's text: as it is, or as encoded words of whole characters, one a line. */
function headerText(text: string): string {
  if (text.length <= PLAIN_SUBJECT_LENGTH && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > ENCODED_WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ');
}

const base64Lines = (text: string): string =>
  (
    Buffer.from(text)
      .toString('base64')
      .match(new RegExp(`.{1,${BASE64_LINE}}`, 'g')) ?? []
  ).join('\r\n');

/**
 * The message as RFC 5322 text with CRLF line ends.
 * @throws RangeError when a header's text has a line break or another control character, which could begin a header of its own
 */
export function internetMessage({ from, to, subject, body, messageId, sentAt }: InternetMessage): string {
  if ([from, to, subject, messageId].some((text) => /[\x00-\x1f\x7f]/.test(text))) {
    throw new RangeError('a header has a line break or another control character');
  }
  return [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${headerText(subject)}`,
    `Date: ${new Date(sentAt).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${messageId}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    base64Lines(body.replace(/\r\n|\r|\n/g, '\r\n')),
    '',
  ].join('\r\n');
}
