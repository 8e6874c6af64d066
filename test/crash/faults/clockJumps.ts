/**
 * @file Loaded into a process before anything else (`--import`): its wall clock jumps back and forth
 * by minutes, days and years, again and again. What has passed since something else is not changed.
 */
const RealDate = Date;
const hourMs = 3_600_000;
const offsetsMs = [0, 5 * 60_000, -2 * hourMs, 400 * 24 * hourMs, -400 * 24 * hourMs, -1];
const callsBetweenJumps = 7;
let calls = 0;

function now(): number {
  const jump = Math.floor(calls++ / callsBetweenJumps) % offsetsMs.length;
  return RealDate.now() + offsetsMs[jump]!;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: readonly unknown[]): Date =>
    args.length === 0 ? new target(now()) : Reflect.construct(target, args),
  get: (target, name): unknown => (name === "now" ? now : Reflect.get(target, name)),
});
