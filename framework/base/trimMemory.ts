import koffi from "koffi";

type Trim = (keptBytes: number) => number;
type TrimAside = (keptBytes: number, done: (error: unknown) => void) => void;

let found: { readonly trim: Trim; readonly trimAside: TrimAside } | undefined;

/** glibc's `malloc_trim`; other C libraries have no need of it. */
function find(): NonNullable<typeof found> {
  try {
    const trim = koffi.load("libc.so.6").func("int malloc_trim(size_t)");
    return { trim, trimAside: trim.async };
  } catch {
    return { trim: () => 0, trimAside: (_, done) => done(null) };
  }
}

/**
 * Gives memory that was freed back to the system: glibc keeps what lies between used pieces. Arrays
 * that are garbage are not freed before V8 has found them (`runtime/reclaimMemory.ts`).
 */
export function trimMemory(): void {
  found ??= find();
  found.trim(0);
}

/** The same in another thread. */
export function trimMemoryAside(): Promise<void> {
  const { trimAside } = (found ??= find());
  return new Promise((resolve) => {
    trimAside(0, () => resolve());
  });
}
