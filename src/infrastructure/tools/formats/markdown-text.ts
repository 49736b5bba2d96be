/** A text as it appears within a line of Markdown (CommonMark): on one line, with nothing in it read as markup. */
export const markdownText = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|]/g, '\\$&')
    .replace(/^([-+#]|\d+[.)])(?=\s|#|$)/, (start) => start.replace(/(.)$/, '\\$1'));
