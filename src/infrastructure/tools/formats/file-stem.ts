/** A text as part of a file name on any system: lower-case ASCII letters, digits and single hyphens; `fallback` where none are left. */
export const fileStem = (text: string, fallback: string, maxLength = 40): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxLength)
    .replace(/^-|-$/g, '') || fallback;
