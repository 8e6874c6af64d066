/** A printed line without what colours a terminal; of lines that overwrite each other the last. */
export function plainLine(text: string): string {
  const last = text.replace(/\r+$/, "").split("\r").at(-1) ?? "";
  // oxlint-disable-next-line no-control-regex -- terminals are told by control characters
  return last.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g, "");
}
