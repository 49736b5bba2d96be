import { createTransport, type Transporter } from 'nodemailer';
import type { Message, SendResult } from '../../application/ports/notifications.js';
import { mailText } from './message-texts.js';

/** How long a mail server may take for a step of the conversation, and to be reached, in milliseconds. */
const MAIL_LIMIT_MS = 10_000;

/** … and for all of it: less than the lease of a try, or another node sends the message meanwhile. */
const WHOLE_MAIL_LIMIT_MS = 30_000;

export interface MailSettings {
  /** An address such as smtps://user:password@mail.example.org. */
  readonly url: string;
  readonly from: string;
}

/** Sends by the configured mail server, which the operator vouches for. */
export class MailSender {
  private readonly transport: Transporter;

  constructor(
    url: string,
    private readonly from: string,
    private readonly limitMs = WHOLE_MAIL_LIMIT_MS,
  ) {
    const limits = { connectionTimeout: MAIL_LIMIT_MS, greetingTimeout: MAIL_LIMIT_MS, socketTimeout: MAIL_LIMIT_MS };
    this.transport = createTransport({ url, ...limits, disableFileAccess: true, disableUrlAccess: true } as object);
  }

  async send(address: string, message: Message): Promise<SendResult> {
    const late = AbortSignal.timeout(this.limitMs);
    try {
      const { response } = (await this.transport.sendMail({
        from: this.from,
        // As one address, whatever is in it.
        to: { name: '', address },
        // Mail programs tell repeats by it.
        messageId: `<${message.id}@lifeos>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Lifeos-Message-Id': message.id },
        ...mailText(message),
        // Closes the connection.
        signal: late,
      })) as { readonly response?: string };
      const code = Number(/^(\d{3})/.exec(response ?? '')?.[1]);
      return Number.isNaN(code) ? { kind: 'sent' } : { kind: 'sent', statusCode: code };
    } catch (error) {
      if (late.aborted) return { kind: 'failed', error: `the mail server did not take it within ${this.limitMs / 1_000} s` };
      const { code, responseCode } = error as { readonly code?: string; readonly responseCode?: number };
      const why = responseCode === undefined ? `failed (${code ?? 'unknown'})` : `answered ${responseCode}`;
      return { kind: 'failed', error: `the mail server ${why}`, ...(responseCode === undefined ? {} : { statusCode: responseCode }) };
    }
  }
}
