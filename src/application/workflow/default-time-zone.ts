/** The time zone (an IANA name) of people whose submission names none: configuration. */
export const DEFAULT_TIME_ZONE = Symbol('DefaultTimeZone');
