import { drawKernel, type Kernels } from "./parzen.ts";

/**
 * Over values that have no order. Each observation's kernel prefers its value.
 *
 * @param count of values
 * @param observations their indices, the oldest first
 */
export function choiceKernels(count: number, observations: readonly number[]): Kernels {
  const base = 1 / (observations.length + 1);
  const total = count * base + 1;
  const massOf = (index: number, choice: number): number => {
    const seen = observations[index];
    return seen === undefined ? 1 / count : (base + Number(seen === choice)) / total;
  };
  return {
    logKernel: (index, choice) => Math.log(massOf(index, choice)),
    drawFrom: (index, stream) =>
      drawKernel(
        Array.from({ length: count }, (_, choice) => massOf(index, choice)),
        stream,
      ),
  };
}
