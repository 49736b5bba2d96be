import type { Message } from '../../application/ports/notifications.js';

/** A notification as a webhook's body: https://github.com/standard-webhooks/standard-webhooks, "payload structure". */
export function webhookBody({ notification, link, added, addedCount }: Message): string {
  const bodyOf = (one: Pick<Message, 'notification' | 'link'>): object => ({
    type: one.notification.type,
    timestamp: one.notification.at,
    data: { ...one.notification.data, title: one.notification.title, link: one.link },
  });
  if (notification.type !== 'digest') return JSON.stringify(bodyOf({ notification, link }));
  const { title, at: timestamp, type } = notification;
  return JSON.stringify({ type, timestamp, data: { title, link, count: addedCount, notifications: added.map(bodyOf) } });
}

/** What a message tells, line by line, each with its link. */
function linesOf({ notification, link, added, addedCount }: Message): readonly { readonly text: string; readonly link: string }[] {
  if (notification.type !== 'digest') return [{ text: notification.title, link }];
  const more = addedCount - added.length;
  const lines = added.map((one) => ({ text: one.notification.title, link: one.link }));
  return more > 0 ? [...lines, { text: `and ${more} more`, link }] : lines;
}

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => MARKUP[character]!);
/** Slack's own rule: https://docs.slack.dev/messaging/formatting-message-text, "escaping text". */
const escapeSlack = (text: string): string => text.replace(/[&<>]/g, (character) => MARKUP[character]!);

/** Of a text in one line of a header or a list. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const SLACK_LONGEST = 3_000;
const SLACK_LINES = 40;

/** A message as Slack's incoming webhooks take it; those of Mattermost and others do too. */
export function slackBody(message: Message): string {
  const lines = linesOf(message).map(({ text, link }) => `${escapeSlack(oneLine(text))} — <${encodeURI(decodeURI(link))}|open>`);
  const shown = lines.slice(0, SLACK_LINES);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  let text = '';
  for (const line of shown) if (text.length + line.length < SLACK_LONGEST) text += `${text === '' ? '' : '\n'}${line}`;
  return JSON.stringify({ text });
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A message as mail, for those who read HTML and those who do not. */
export function mailText(message: Message): MailText {
  const lines = linesOf(message);
  const note = 'Opening a link decides nothing.';
  return {
    subject: oneLine(message.notification.title),
    text: `${lines.map(({ text, link }) => `${oneLine(text)}\n${link}\n`).join('\n')}\n${note}\n`,
    html: `<!doctype html><html><body>${lines
      .map(({ text, link }) => `<p>${escapeHtml(oneLine(text))}<br><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>`)
      .join('')}<p>${note}</p></body></html>`,
  };
}
