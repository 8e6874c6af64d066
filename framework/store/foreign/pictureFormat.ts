const signatures: readonly [extension: string, offset: number, bytes: string][] = [
  [".png", 0, "\x89PNG\r\n\x1a\n"],
  [".jpg", 0, "\xff\xd8\xff"],
  [".gif", 0, "GIF8"],
  [".webp", 8, "WEBP"],
  [".bmp", 0, "BM"],
];

/** The ending of a picture's file by its first bytes; `.bin` for what is no picture that is known here. */
export function pictureExtension(content: Uint8Array): string {
  const head = Buffer.from(content.subarray(0, 16)).toString("latin1");
  const known = signatures.find(([, offset, bytes]) => head.startsWith(bytes, offset));
  return known?.[0] ?? ".bin";
}
