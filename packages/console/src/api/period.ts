/** Where the viewer is. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const PRESETS = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' } as const;
export type Preset = keyof typeof PRESETS;
const BUCKETS = ['hour', 'day', 'week'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** What an address says of a period: `from` is a preset, a day (`2026-02-14`) or a time, `to` a day (with it) or a time. */
export interface Period {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly bucket?: Bucket | undefined;
  readonly user_id?: number | undefined;
}

export const isPreset = (text: string | undefined): text is Preset => text !== undefined && Object.hasOwn(PRESETS, text);
export const isDay = (text: string | undefined): text is string => text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text);

const isTime = (text: unknown): text is string =>
  typeof text === 'string' && /^\d{4}-\d\d-\d\d(T.+)?$/.test(text) && !Number.isNaN(Date.parse(text));

/** What it cannot mean is left out. */
export function periodOf({ from, to, bucket, user_id: user }: Record<string, unknown>): Period {
  const found = BUCKETS.find((word) => word === bucket);
  const number = Number(user);
  return {
    ...(typeof from === 'string' && (isPreset(from) || isTime(from)) && { from }),
    ...(isTime(to) && { to }),
    ...(found && { bucket: found }),
    ...(Number.isSafeInteger(number) && number > 0 && { user_id: number }),
  };
}

const HOUR_MS = 3_600_000;

/** Midnight by the viewer's clocks, some days later. */
function midnight(day: Date, later = 0): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + later);
}

/** A day of an address begins at the viewer's midnight, not at that of UTC. */
const startOf = (text: string): Date => (isDay(text) ? new Date(`${text}T00:00`) : new Date(text));

function beginOf(preset: Preset, now: Date): Date {
  if (preset === '24h') return new Date(Math.floor((now.getTime() - 23 * HOUR_MS) / HOUR_MS) * HOUR_MS);
  return midnight(now, preset === '7d' ? -6 : -29);
}

export interface PeriodQuery {
  readonly from: string;
  readonly to: string;
  readonly bucket: Bucket;
  readonly time_zone: string;
  readonly user_id?: number;
}

/** The period as the engine is asked about it: whole hours or days of the viewer, up to now. */
export function queryOf({ from = '7d', to, bucket, user_id: user }: Period, now = new Date()): PeriodQuery {
  const end = isPreset(from) || to === undefined ? now : isDay(to) ? midnight(startOf(to), 1) : new Date(to);
  const begin = isPreset(from) ? beginOf(from, now) : startOf(from);
  const hours = (end.getTime() - begin.getTime()) / HOUR_MS;
  return {
    from: begin.toISOString(),
    to: end.toISOString(),
    bucket: bucket ?? (hours <= 49 ? 'hour' : hours <= 24 * 92 ? 'day' : 'week'),
    time_zone: TIME_ZONE,
    ...(user !== undefined && { user_id: user }),
  };
}

/** The day of a time by the viewer's clocks, as a field for days wants it. */
export function dayOf(time: string): string {
  const at = new Date(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

const hourly = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
const daily = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export const bucketName = (start: string, bucket: Bucket): string => (bucket === 'hour' ? hourly : daily).format(new Date(start));
