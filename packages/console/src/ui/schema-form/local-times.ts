const two = (number: number): string => String(number).padStart(2, '0');

/** For `<input type="datetime-local">`: the wall clock here, to the second; undefined where the text is no instant that would come back the same. */
export function localOf(text: string): string | undefined {
  const at = new Date(text);
  // Without an offset it is no instant but a wall clock's time: turned into one it would mean something else.
  if (Number.isNaN(at.getTime()) || !/(z|[+-]\d\d:\d\d)$/i.test(text) || at.getFullYear() < 1000 || at.getFullYear() > 9999)
    return undefined;
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The instant that the wall clock here means, in UTC; undefined where there is none. */
export function instantOf(local: string): string | undefined {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace('.000Z', 'Z');
}
