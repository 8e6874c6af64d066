import koffi from "koffi";

const resolveNow = 2; // RTLD_NOW

/**
 * Has a library that koffi has loaded stay in memory until the process is gone. When the environment of
 * a thread or process ends, koffi closes its libraries; threads that these have started and that still
 * run would go on in memory that is no longer theirs.
 *
 * @param file the library's, as it was loaded
 */
export function keepLoaded(file: string): void {
  const isWindows = process.platform === "win32";
  const open = isWindows
    ? koffi.load("kernel32.dll").func("void *LoadLibraryW(const char16_t *file)")
    : koffi.load(null).func("void *dlopen(const char *file, int mode)");
  if (isWindows) open(file);
  else open(file, resolveNow); // counted: closing it once is not enough any more
}
