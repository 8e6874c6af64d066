/**
 * A length of time in seconds, from a number of seconds or Lightning's `DD:HH:MM:SS`.
 *
 * @param option what it belongs to, for messages
 * @throws {RangeError} when it is neither
 */
export function parseDuration(option: string, duration: number | string): number {
  const match = /^(\d+):(\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(String(duration));
  const [days, hours, minutes, seconds] = match?.slice(1).map(Number) ?? [];
  const parsed = match
    ? ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!
    : Number(duration === "" ? Number.NaN : duration);
  if (parsed >= 0) return parsed;
  throw new RangeError(
    `Cannot read ${option}: expected seconds >= 0 or DD:HH:MM:SS, got ${JSON.stringify(duration)}`,
  );
}
