/** A kind of words by which a person forbids, limits or puts off what they speak of. The planner has no plan that honours them. */
interface Restriction {
  readonly code: string;
  /** The end of a sentence that begins with the words. */
  readonly explanation: string;
  readonly words: RegExp;
}

const before = "(?<![\\p{L}\\p{N}'_@.-])";
const after = "(?![\\p{L}\\p{N}'_@-]|\\.\\p{L})";
const anyOf = (...alternatives: readonly string[]): RegExp => new RegExp(`${before}(?:${alternatives.join('|')})${after}`, 'giu');

const NEGATED_VERBS = "(?:do|does|did|is|are|was|were|wo|would|ca|can|could|should|must|need|has|have|had|might|ai)n'?t";

const RESTRICTIONS: readonly Restriction[] = [
  {
    code: 'planner.negation',
    explanation: 'says what is not to be done, and I can only plan what is',
    words: anyOf(
      NEGATED_VERBS,
      ...'not cannot dont doesnt never no none nobody nothing nowhere neither nor without hardly barely nope'.split(' '),
      ...'avoid|avoiding|skip|skipping|stop|stopping|refrain|refuse|prevent|prohibit|forbid|ban|ignore|omit|cancel|abort|halt|undo|unschedule'.split(
        '|',
      ),
    ),
  },
  {
    code: 'planner.exception',
    explanation: 'makes an exception, which I cannot plan around',
    words: anyOf(
      ...'except|excepting|exception|exceptions|exclude|excludes|excluding|excluded|barring|but|only|solely|instead|rather|minus|besides|save for|aside from'.split(
        '|',
      ),
      ...'other than|apart from|leave out|leaving out|leave off|nothing but|everyone else|no one else'.split('|'),
    ),
  },
  {
    code: 'planner.condition',
    explanation: 'sets a condition, and I would do it in any case',
    words: anyOf(
      ...'if|unless|until|till|when|whenever|while|whilst|whether|where|wherever|provided|providing|assuming|supposing|otherwise|else|should|in case'.split(
        '|',
      ),
      ...'in the event|depending|depends|as long as|as soon as|so long as|subject to|on condition|pending|lest|given that|even though|although|though'.split(
        '|',
      ),
      'after(?! that| work)',
      'before(?! work)',
      'because',
      'since',
    ),
  },
  {
    code: 'planner.alternative',
    explanation: 'leaves a choice, which I will not make for you',
    words: anyOf(
      ...'or|either|maybe|perhaps|possibly|probably|might|alternatively|and/or|whichever|whatever|ideally|preferably|optionally|tentatively'.split(
        '|',
      ),
    ),
  },
  {
    code: 'planner.postponed',
    explanation: 'puts it off, and I would do it now',
    words: anyOf(
      ...'later|yet|draft|drafts|drafting|hold off|hold on|hold back|hold it|on hold|wait|waiting|for now|someday|sometime|sometimes|eventually|soon|postpone|postponed|postponing'.split(
        '|',
      ),
      ...'delay|delayed|delaying|reschedule|rescheduled|rescheduling|ask me|ask first|check with|confirm|pause|paused|remind me before|first ask|let me know'.split(
        '|',
      ),
    ),
  },
];

/** It asks for the thing itself. */
const DO_NOT_FORGET = anyOf("(?:don't|dont|do not|never) forget to");

const MOST_WORDS = 8;

export interface RestrictionFound {
  readonly code: string;
  /** The person's words from the restricting one on, up to the end of the phrase. */
  readonly words: string;
  readonly explanation: string;
}

/** The first words of an intent (quoted pieces hidden) that restrict what it asks for. */
export function restrictionIn(text: string): RestrictionFound | undefined {
  // The same length, so that places stay; compatibility forms ("ｎｏｔ") are the same words.
  const plain = [...text]
    .map((character) => narrow(character))
    .join('')
    .replace(DO_NOT_FORGET, (idiom) => 'x'.repeat(idiom.length));
  let first: { readonly index: number; readonly restriction: Restriction } | undefined;
  for (const restriction of RESTRICTIONS) {
    restriction.words.lastIndex = 0;
    const found = restriction.words.exec(plain);
    if (found && (!first || found.index < first.index)) first = { index: found.index, restriction };
  }
  if (!first) return undefined;
  const { code, explanation } = first.restriction;
  const phrase = /^[^,;\n!?]*?(?=[,;\n!?]|\.(?:\s|$)|$)/.exec(text.slice(first.index))![0];
  return { code, explanation, words: phrase.split(' ').slice(0, MOST_WORDS).join(' ') };
}

function narrow(character: string): string {
  const compatible = character.normalize('NFKC');
  return compatible.length === character.length ? compatible : character;
}
