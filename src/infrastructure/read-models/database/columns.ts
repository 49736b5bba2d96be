import type { ColumnOptions, ValueTransformer } from 'typeorm';

/** Postgres text cannot hold U+0000; a tool's output or a person's text must not stop a projection. */
const printable: ValueTransformer = {
  to: (value: string | null) => value?.replaceAll('\0', '\uFFFD') ?? null,
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

export const text = { type: 'text', transformer: printable } as const satisfies ColumnOptions;
export const nullableText = { ...text, nullable: true } as const satisfies ColumnOptions;
/** JSON as text: `jsonb` refuses escaped U+0000, and nothing asks inside the value. */
export const json = { type: 'text', transformer: asJson } as const satisfies ColumnOptions;
/** 64-bit integers that are ids: within 2^53. */
export const id = { type: 'bigint', transformer: asNumber } as const satisfies ColumnOptions;
export const nullableId = { ...id, nullable: true } as const satisfies ColumnOptions;
export const position = { type: 'bigint', transformer: asBigint } as const satisfies ColumnOptions;
