import {
  encodePng,
  hooksEvery,
  readEvery,
  type Callback,
  type Image,
  type TrainerState,
} from "seedbed";

export interface SampleImagesOptions {
  /**
   * Optimizer steps between two samples, or an interval such as `30 min` or `5 %`; null: after each
   * validation.
   */
  everyNSteps: number | string | null;
  /** What they are logged as. */
  key: string;
  /** Draws with the weights to publish: averaged ones, if there are any. */
  draw: (state: TrainerState) => Promise<readonly (Image & { caption?: string })[]>;
  /** Aborted while `draw` runs: its error is passed over, since the Trainer ends the fit itself. */
  signal?: AbortSignal;
}

/**
 * Logs pictures every few steps, for use from code.
 *
 * @throws {TypeError} when there is nothing to draw with, as when a spec names it
 * @throws {RangeError} when `everyNSteps` is neither a positive integer nor an interval
 */
export function sampleImages({ everyNSteps, key, draw, signal }: SampleImagesOptions): Callback {
  if (typeof draw !== "function") {
    throw new TypeError(
      `Cannot build sampleImages: draw must be a function, got ${typeof draw}; use it from code, not from a spec`,
    );
  }
  const every = everyNSteps === null ? null : readEvery(everyNSteps);
  if (typeof every === "number" && !(Number.isSafeInteger(every) && every >= 1)) {
    throw new RangeError(
      `Cannot build sampleImages: everyNSteps must be an integer >= 1 or an interval, got ${everyNSteps}`,
    );
  }
  return {
    name: "sampleImages",
    ...hooksEvery(every, async (state) => {
      try {
        const images = await state.withExportWeights(() => draw(state));
        await state.logImages(key, await Promise.all(images.map(encode)));
      } catch (error) {
        if (signal?.aborted !== true) throw error;
      }
    }),
  };
}

async function encode(image: Image & { caption?: string }) {
  const { width, height, caption } = image;
  const png = await encodePng(image);
  return { png, width, height, ...(caption !== undefined && { caption }) };
}
