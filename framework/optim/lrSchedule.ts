/**
 * Factor on the base learning rate, a pure function of the number of optimizer steps already
 * taken (0 for the first).
 */
export type LrSchedule = (step: number) => number;
