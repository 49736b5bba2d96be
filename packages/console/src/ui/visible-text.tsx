/** Characters that change how others are shown, or are not shown at all: in what a person decides about they must be seen. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

export const visible = (text: string): string =>
  text.replace(HIDDEN, (character) => `\u27e8U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}\u27e9`);

/** Text that others wrote, with its direction kept to itself. */
export function Words({ children }: { readonly children: string }) {
  return <bdi dir="auto">{visible(children)}</bdi>;
}
