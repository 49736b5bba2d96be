import { z } from 'zod';
import { EMAIL_ADDRESS, MAX_ADDRESS_LENGTH } from '../formats/email-address.js';
import { internetMessage } from '../formats/internet-message.js';
import { defineTool } from '../tool.js';

export const emailSend = defineTool({
  name: 'email_send',
  version: '1.0.0',
  description: 'Sends an e-mail: writes it as an .eml file to the outbox, exactly once for each step of a run.',
  riskLevel: 'L1',
  effect: 'idempotent',
  input: z.object({
    recipient: z.email({ pattern: EMAIL_ADDRESS }).max(MAX_ADDRESS_LENGTH),
    subject: z
      .string()
      .min(1)
      .max(200)
      .regex(/^\P{Cc}*$/u, 'it must be one line without control characters'),
    body: z.string().max(20_000).default(''),
  }),
  output: z.object({
    status: z.literal('success'),
    email_sent: z.literal(true),
    recipient: z.string(),
    subject: z.string(),
    message_id: z.string(),
    outbox_file: z.string().describe('Relative to the outbox.'),
  }),
  summary: 'Send an e-mail to {/recipient}: {/subject}',
  shows: ['/recipient', '/subject', '/body'],
  run: ({ recipient, subject, body }, { outbox, now }) =>
    outbox.publishOnce('email', (folder) => {
      const messageId = `<${outbox.id}@lifeos.example>`;
      const from = 'Life OS <lifeos@example.com>';
      const message = internetMessage({ from, to: recipient, subject, body, messageId, sentAt: now() });
      return {
        files: { 'message.eml': message },
        output: {
          status: 'success' as const,
          email_sent: true as const,
          recipient,
          subject,
          message_id: messageId,
          outbox_file: `${folder}/message.eml`,
        },
      };
    }),
});
