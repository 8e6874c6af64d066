const [escape, bell] = [27, 7].map((code) => String.fromCharCode(code));
/** Colours and the like, and titles of the window. */
const controls = new RegExp(`${escape}\\[[0-9;?]*[A-Za-z]|${escape}\\][^${bell}]*${bell}`, "g");

/** A printed line without what colours a terminal; of lines that overwrite each other the last. */
export function plainLine(text: string): string {
  const last = text.replace(/\r+$/, "").split("\r").at(-1) ?? "";
  return last.replaceAll(controls, "");
}
