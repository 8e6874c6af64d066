/** Most memory that this process has had, in millions of bytes. */
export function peakMb(): number {
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}
