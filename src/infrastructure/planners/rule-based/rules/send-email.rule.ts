import { EMAIL_ADDRESS, MAX_ADDRESS_LENGTH } from '../../../tools/formats/email-address.js';
import { moreThanContent } from '../free-text.js';
import { needsQuotes } from '../refusals.js';
import { refused, type Clause, type Rule } from '../rule.js';

const HEAD =
  /^(?:(?:send|write|shoot|drop)\s+(?:(?:an?|another|one)\s+)?(?:(?:quick|short|brief)\s+)?(?:e-?mails?|mails?)|e-?mail|mail|send\s+(?=\S+@\S+\s+an?\s+e-?mail))\b\s*:?\s*(?:to\s+)?/i;
const CONNECTOR =
  /(?:^|\s)(?<word>about|regarding|concerning|saying that|saying|that says|to say that|to say|telling (?:him|her|them) that|telling (?:him|her|them)|to tell (?:him|her|them) that|with (?:the )?subject|subject)(?![\p{L}\p{N}]):?\s*/iu;
const TRAILING_RECIPIENT = /\s+to\s+(?<address>\S+@\S+)$/i;
/** Words before an address that describe its owner: "my landlord bob@example.com". */
const MAX_DESCRIPTION_WORDS = 6;
const MAX_RECIPIENTS = 20;
const MAX_SUBJECT_LENGTH = 120;

interface Recipients {
  readonly addresses: readonly string[];
  /** Words before the first address, which say whose it is. */
  readonly description: readonly string[];
  /** Words after it, which would be lost. */
  readonly more: readonly string[];
}

function recipientsIn(text: string): Recipients {
  const words = text
    .split(/[\s,;&]+/)
    .map((word) => word.replace(/^[<("]+|[>)".:]+$/g, ''))
    .filter((word) => word !== '');
  const isAddress = (word: string): boolean => word.length <= MAX_ADDRESS_LENGTH && EMAIL_ADDRESS.test(word);
  const first = words.findIndex(isAddress);
  const others = (some: readonly string[], joints: RegExp): readonly string[] =>
    some.filter((word) => !isAddress(word) && !joints.test(word));
  return {
    addresses: [...new Set(words.filter(isAddress))],
    description: others(first < 0 ? words : words.slice(0, first), /^(?:to|at|an?|the|my|our)$/i),
    more: first < 0 ? [] : others(words.slice(first), /^(?:and|an?|e-?mail)$/i),
  };
}

const sentenceCase = (text: string): string => text.replace(/^./u, (first) => first.toUpperCase());

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= MAX_SUBJECT_LENGTH) return line;
  return `${[...line].slice(0, MAX_SUBJECT_LENGTH / 2).join('').trimEnd()}…`; // prettier-ignore
}

/** What the message says: the person's own words, and a subject made of them. */
function contentOf(connector: string, said: string): { readonly subject: string; readonly body: string } {
  const nested = /^about|^regarding|^concerning|subject$/i.test(connector)
    ? /^(?<subject>.+?),?\s+saying(?: that)?:?\s+(?<body>.+)$/is.exec(said)
    : null;
  if (nested?.groups) return { subject: shortened(sentenceCase(nested.groups['subject']!)), body: nested.groups['body']! };
  const text = said;
  if (/subject$/i.test(connector)) return { subject: shortened(text), body: '' };
  if (/^(?:about|regarding|concerning)/i.test(connector))
    return { subject: shortened(sentenceCase(text)), body: `I am writing to you about ${text}.\n` };
  return { subject: shortened(sentenceCase(text)), body: sentenceCase(text) };
}

/** What a message is about, or its subject, does not go on after a comma or "and": that is more likely something else. */
const isOneWish = (clause: Clause, connector: string): boolean =>
  !clause.divided &&
  (!isTopic(connector) || CONNECTOR.exec(clause.parts.at(-1) ?? '')?.groups?.['word']?.toLowerCase() === connector.toLowerCase());

const isTopic = (connector: string): boolean => /^(?:about|regarding|concerning)|subject$/i.test(connector);

export const sendEmail: Rule = {
  example: 'email anna@example.com about the flat viewing',
  read: (clause) => {
    const head = HEAD.exec(clause.words);
    if (!head) return undefined;
    const rest = clause.words.slice(head[0].length).trim();
    const connector = CONNECTOR.exec(rest);
    const word = connector?.groups?.['word'] ?? '';
    if (!isOneWish(clause, word)) return undefined;
    let said = connector ? rest.slice(connector.index + connector[0].length).trim() : '';
    let recipients = recipientsIn(connector ? rest.slice(0, connector.index) : rest);
    if (recipients.addresses.length === 0 && recipients.description.length === 0) {
      const trailing = TRAILING_RECIPIENT.exec(said);
      if (trailing) {
        recipients = recipientsIn(trailing.groups!['address']!);
        said = said.slice(0, trailing.index);
      }
    }
    const { addresses, description, more } = recipients;
    if (addresses.length === 0) {
      return refused(
        'planner.missing-address',
        `To write an e-mail I need an address: which one is meant in "${shortened(clause.text)}"? For example: "${sendEmail.example}".`,
      );
    }
    if (
      description.length > MAX_DESCRIPTION_WORDS ||
      [...description, ...more].some((one) => one.includes('@')) ||
      addresses.length > MAX_RECIPIENTS
    )
      return undefined;
    const strange = [...moreThanContent(description.join(' ')), ...(more.length > 0 ? [more.join(' ')] : [])];
    if (strange.length > 0)
      return needsQuotes(strange, 'who gets the e-mail', `${sendEmail.example.replace(/about.*/, '')}about "the flat viewing"`);
    if (!/[\p{L}\p{N}\p{S}\ue000-\uf8ff]/u.test(said)) {
      return refused(
        'planner.missing-subject',
        `What should the e-mail to ${addresses.join(', ')} be about? For example: "${sendEmail.example}".`,
      );
    }
    const unclear = moreThanContent(said, { prepositions: ['of'] });
    if (unclear.length > 0) return needsQuotes(unclear, 'text of the e-mail', `email anna@example.com saying "See you at 9"`);
    const content = contentOf(word, said);
    return {
      kind: 'understood',
      addTo: (draft) => {
        for (const recipient of addresses) {
          const args = { recipient, ...content };
          draft.add({ about: `email ${recipient.split('@')[0]}`, name: `Send email to ${recipient}`, tool: 'email_send', args });
        }
      },
    };
  },
};
