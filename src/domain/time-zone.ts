/** Whether it is an IANA time zone (or UTC) that this machine knows. An offset such as "+02:00" is none: it does not say when clocks change. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
