import type { ColumnOptions, ValueTransformer } from 'typeorm';

/**
 * A text as a text column holds it: with U+FFFD in place of U+0000, which Postgres refuses (and of a lone surrogate, which UTF-8 does not know). A tool's
 * output or a person's text must not stop a projection. JSON columns hold texts exactly.
 */
export const printable = (value: string): string => value.replaceAll('\0', '\uFFFD');

const asText: ValueTransformer = {
  to: (value: string | null | undefined) => (typeof value === 'string' ? printable(value) : null),
  from: (value: string | null) => value,
};

const asJson: ValueTransformer = {
  to: (value: unknown) => JSON.stringify(value ?? null),
  from: (value: string) => JSON.parse(value) as unknown,
};

const asBigint: ValueTransformer = {
  to: (value: bigint) => value.toString(),
  from: (value: string) => BigInt(value),
};

const asNumber: ValueTransformer = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

export const text = { type: 'text', transformer: asText } as const satisfies ColumnOptions;
export const nullableText = { ...text, nullable: true } as const satisfies ColumnOptions;
/** JSON as text: `jsonb` refuses escaped U+0000, and nothing asks inside the value. */
export const json = { type: 'text', transformer: asJson } as const satisfies ColumnOptions;
/** 64-bit integers that are ids: within 2^53. */
export const id = { type: 'bigint', transformer: asNumber } as const satisfies ColumnOptions;
export const nullableId = { ...id, nullable: true } as const satisfies ColumnOptions;
export const position = { type: 'bigint', transformer: asBigint } as const satisfies ColumnOptions;
