/** Where the page is: what stands after `#`, taken apart. Every view is an address. */
export interface Address {
  /** Parts of the path, decoded: `["run", "20261126-1a2b", "media"]`. */
  readonly path: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

export type Parameters = Readonly<Record<string, string | null>>;

/** `#/run/1a2b/media?step=500` */
export function parseAddress(hash: string): Address {
  const text = hash.replace(/^#/, "");
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  const search = new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1));
  return {
    path: path.split("/").filter(Boolean).map(decodePart),
    parameters: Object.fromEntries(search),
  };
}

/** An address without its `#`; characters that need no escape in a fragment are left readable. */
export function formatAddress(path: readonly string[], parameters: Parameters): string {
  const search = Object.entries(parameters)
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .map(([name, value]) => `${name}=${encodeValue(value)}`)
    .join("&");
  return `/${path.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

function encodeValue(value: string): string {
  return encodeURIComponent(value)
    .replaceAll(/%(?:2F|3A|2C|3D|3C|3E|22)/g, decodeURIComponent)
    .replaceAll("%20", "+");
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
