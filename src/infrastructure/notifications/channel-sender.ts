import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import {
  AddressRefused,
  type ChannelSecrets,
  type Message,
  type NotificationSender,
  type SendResult,
} from '../../application/ports/notifications.js';
import type { ChannelKind } from '../../domain/notification/channel.js';
import { AllowedAddresses, resolveBySystem, type Resolve } from './allowed-addresses.js';
import { MailSender, type MailSettings } from './mail-sender.js';
import { slackBody, webhookBody } from './message-texts.js';
import { post } from './post.js';

export interface SenderSettings {
  /** Whether receivers may be in networks of one's own. */
  readonly privateNetworks: boolean;
  /** Undefined: there is no mail. */
  readonly mail?: MailSettings;
  readonly resolve?: Resolve;
}

/** Random bytes of a secret: within what Standard Webhooks asks for, 24 to 64. */
const SECRET_BYTES = 32;
const LONGEST_MAIL_ADDRESS = 254;

const mailAddress = z.email().max(LONGEST_MAIL_ADDRESS);

/** Headers of Standard Webhooks: signed with the secret, and with the one before as long as it counts. */
function signed({ id, sentAt }: Message, { secret, former }: ChannelSecrets, body: string): Record<string, string> {
  const at = new Date(sentAt);
  const secrets = [secret, former && former.until > sentAt ? former.secret : undefined].filter((one) => one !== undefined);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((one) => new Webhook(one).sign(id, at, body)).join(' '),
  };
}

/** Sends by HTTP and mail. */
export class ChannelSender implements NotificationSender {
  private readonly addresses: AllowedAddresses;
  private readonly mail: MailSender | undefined;

  constructor({ privateNetworks, mail, resolve = resolveBySystem }: SenderSettings) {
    this.addresses = new AllowedAddresses(privateNetworks, resolve);
    this.mail = mail && new MailSender(mail.url, mail.from);
  }

  async check(kind: ChannelKind, address: string): Promise<string> {
    if (kind !== 'email') return (await this.addresses.check(address)).origin;
    if (!this.mail) throw new AddressRefused('No mail server is configured (LIFEOS_SMTP_URL).', 'channel.no-mail-server');
    const parsed = mailAddress.safeParse(address);
    if (!parsed.success) throw new AddressRefused('The address must be one of mail, such as person@example.org.');
    return parsed.data;
  }

  newSecret(): string {
    return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  }

  async send(kind: ChannelKind, secrets: ChannelSecrets, message: Message): Promise<SendResult> {
    const { address } = secrets;
    switch (kind) {
      case 'webhook': {
        const body = webhookBody(message);
        return post(this.addresses, address, body, signed(message, secrets, body));
      }
      case 'slack':
        return post(this.addresses, address, slackBody(message), {});
      case 'email':
        return this.mail ? this.mail.send(address, message) : { kind: 'failed', error: 'no mail server is configured on this node' };
      default:
        return kind satisfies never;
    }
  }
}
