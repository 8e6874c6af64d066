/** Bytes as a network may deliver them: cut anywhere, within a character, too. */
export function inPieces(bytes: Uint8Array, size = 37): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(Uint8Array.from(bytes.subarray(at, at + size)));
      }
      controller.close();
    },
  });
}
