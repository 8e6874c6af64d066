const day = "(?:0[1-9]|1[0-9]|2[0-8])";
const date = [
  `\\d{4}-(?:0[1-9]|1[0-2])-${day}`,
  String.raw`\d{4}-(?:0[13-9]|1[0-2])-(?:29|30)`,
  String.raw`\d{4}-(?:0[13578]|1[02])-31`,
].join("|");
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)`;
const label = "[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?";
const host = `${label}(?:\\.${label}){0,3}`;
const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const time3 = String.raw`T(?:\d{1,6}H(?:\d{1,6}M)?(?:\d{1,6}S)?|\d{1,6}M(?:\d{1,6}S)?|\d{1,6}S)`;

/**
 * Texts of a format, as patterns that match them from end to end. Each stands for a part of the
 * format that is valid without looking further: no 29th of February, hosts of at most four labels.
 *
 * Source: RFC 3339 (dates and times, durations), 5321, 1123, 4122, 4291, 3986, as JSON Schema's
 * `format` names them.
 */
export const formatPatterns: Readonly<Record<string, string>> = {
  date,
  time,
  "date-time": `(?:${date})T${time}`,
  duration: `P(?:\\d{1,6}W|(?:\\d{1,6}Y(?:\\d{1,6}M(?:\\d{1,6}D)?)?|\\d{1,6}M(?:\\d{1,6}D)?|\\d{1,6}D)(?:${time3})?|${time3})`,
  email: `[A-Za-z0-9_+-]{1,20}(?:\\.[A-Za-z0-9_+-]{1,20}){0,2}@${label}\\.${label}(?:\\.${label})?`,
  hostname: host,
  ipv4: `${octet}(?:\\.${octet}){3}`,
  ipv6: "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
  uuid: "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
  uri: `https?://${host}(?:/[A-Za-z0-9_~.-]{0,30}){0,4}(?:\\?[A-Za-z0-9_=&-]{0,60})?`,
};
