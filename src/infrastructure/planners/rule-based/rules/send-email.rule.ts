import { beginsWithCommand, refused, type Clause, type Rule } from '../rule.js';

const HEAD =
  /^(?:(?:send|write|shoot|drop)\s+(?:(?:an?|another|one)\s+)?(?:(?:quick|short|brief)\s+)?(?:e-?mails?|mails?)|e-?mail|mail|send\s+(?=\S+@\S+\s+an?\s+e-?mail))\b\s*:?\s*(?:to\s+)?/i;
const CONNECTOR =
  /(?:^|\s)(?<word>about|regarding|concerning|saying that|saying|that says|to say that|to say|telling (?:him|her|them) that|telling (?:him|her|them)|to tell (?:him|her|them) that|with (?:the )?subject|subject)\b:?\s*/i;
const ADDRESS = /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;
const TRAILING_RECIPIENT = /\s+to\s+(?<address>\S+@\S+)$/i;
/** Words beside an address that describe its owner: "my landlord bob@example.com". */
const MAX_DESCRIPTION_WORDS = 6;
const MAX_RECIPIENTS = 20;
const MAX_ADDRESS_LENGTH = 254;
const MAX_SUBJECT_LENGTH = 120;

interface Recipients {
  readonly addresses: readonly string[];
  readonly description: readonly string[];
}

function recipientsIn(text: string): Recipients {
  const words = text.split(/[\s,;&]+/).map((word) => word.replace(/^[<("]+|[>)".:]+$/g, ''));
  const isAddress = (word: string): boolean => word.length <= MAX_ADDRESS_LENGTH && ADDRESS.test(word);
  const description = words.filter((word) => word !== '' && !isAddress(word) && !/^(?:and|to|at|an?|e-?mail)$/i.test(word));
  return { addresses: [...new Set(words.filter(isAddress))], description };
}

const unquoted = (text: string): string => text.replace(/^"(.*)"$/s, '$1').trim();
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
  if (nested?.groups)
    return { subject: shortened(sentenceCase(unquoted(nested.groups['subject']!))), body: unquoted(nested.groups['body']!) };
  const text = unquoted(said);
  if (/subject$/i.test(connector)) return { subject: shortened(text), body: '' };
  if (/^(?:about|regarding|concerning)/i.test(connector))
    return { subject: shortened(sentenceCase(text)), body: `I am writing to you about ${text}.\n` };
  return { subject: shortened(sentenceCase(text)), body: sentenceCase(text) };
}

const isOneWish = (clause: Clause, connector: string): boolean =>
  !clause.divided && (!/^(?:about|regarding|concerning)/i.test(connector) || !clause.parts.slice(1).some(beginsWithCommand));

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
    const { addresses, description } = recipients;
    if (addresses.length === 0) {
      return refused(
        'planner.missing-address',
        `To write an e-mail I need an address: which one is meant in "${shortened(clause.text)}"? For example: "${sendEmail.example}".`,
      );
    }
    if (description.length > MAX_DESCRIPTION_WORDS || description.some((one) => one.includes('@')) || addresses.length > MAX_RECIPIENTS)
      return undefined;
    if (!/[\p{L}\p{N}\p{S}]/u.test(said)) {
      return refused(
        'planner.missing-subject',
        `What should the e-mail to ${addresses.join(', ')} be about? For example: "${sendEmail.example}".`,
      );
    }
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
