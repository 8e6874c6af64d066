/** A metric's key as a relative path, with forward slashes, that cannot leave its folder. */
export function mediaPath(key: string): string {
  const parts = key.split("/").filter((part) => part !== "");
  const safe = parts.map((part) => part.replace(/[^\p{L}\p{N}_.-]/gu, "_").replace(/^\.+/, "_"));
  return safe.join("/") || "_";
}
