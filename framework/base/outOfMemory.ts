/** Whether memory ran out, as far as messages tell: those of V8, of C++ and of ONNX Runtime. */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const outOfMemory =
    /allocation failed|out of memory|bad_?alloc|failed to allocate|would require more than \d+ bytes/i;
  return outOfMemory.test(error.message) || isOutOfMemory(error.cause);
}
