import { expect } from "chai";
import koffi from "koffi";
import { describe, it } from "mocha";

import { trimMemory, trimMemoryAside } from "../../../framework/base/trimMemory.ts";

const megabytes = 64;
const pieceBytes = 2 ** 16; // less than what glibc takes from the system by itself
const residentMb = (): number => process.memoryUsage().rss / 2 ** 20;

/** Frees all but the last of many pieces, so that glibc keeps them. @returns what frees the last one */
function fragment(): () => void {
  const libc = koffi.load("libc.so.6");
  const allocate = libc.func("void *malloc(size_t)");
  const fill = libc.func("void *memset(void *, int, size_t)");
  const free = libc.func("void free(void *)");
  const pieces: unknown[] = Array.from({ length: (megabytes * 2 ** 20) / pieceBytes }, () =>
    fill(allocate(pieceBytes), 1, pieceBytes),
  );
  const last = pieces.pop();
  for (const piece of pieces) free(piece);
  return () => free(last);
}

const ways: [name: string, trim: () => Promise<void>][] = [
  ["trimMemory", async () => trimMemory()],
  ["trimMemoryAside", trimMemoryAside],
];

for (const [name, trim] of ways) {
  describe(`${name}()`, () => {
    it("gives memory back to the system that lies before a used piece", async () => {
      trimMemory();
      const before = residentMb();
      const freeLast = fragment();
      expect(residentMb() - before, "kept").to.be.greaterThan(megabytes / 2);
      await trim();
      expect(residentMb() - before).to.be.lessThan(megabytes / 2);
      freeLast();
    });
  });
}
