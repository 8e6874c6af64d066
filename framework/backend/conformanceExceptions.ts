/** A spec of TF.js's own suite that the backend may fail. */
export interface ConformanceException {
  /** The spec's full name, as `npm run conformance` prints it. */
  spec: string;
  kernel: string;
  /** Why TF.js's result is not ours. */
  reason: string;
}

export const conformanceExceptions: readonly ConformanceException[] = [];
