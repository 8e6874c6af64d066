import { AskedThread } from "../../base/askedThread.ts";
import type { HostTensor } from "../../base/hostArray.ts";
import type { PreprocessorConfig } from "../../data/idefics3Sizes.ts";
import { damagedPicture } from "./pictureProblem.ts";
import type { PrepareAnswer, PrepareRequest } from "./pictureThreadMain.ts";

/**
 * Decodes pictures and makes frames of them, in a thread of its own, one picture at a time: a large one
 * takes a while, and answers go on meanwhile. The thread begins with the first picture.
 */
export class PicturePreparer {
  readonly #timeoutSeconds: number;
  readonly #thread: AskedThread<PrepareRequest, PrepareAnswer>;

  /**
   * @param config content of a `preprocessor_config.json`
   * @param timeoutSeconds for one picture. Default: 60
   */
  constructor(config: PreprocessorConfig, timeoutSeconds = 60) {
    this.#timeoutSeconds = timeoutSeconds;
    this.#thread = new AskedThread("serve/pictures/pictureThreadMain", {
      ...{ workerData: config, timeoutSeconds },
    });
  }

  /**
   * @param split whether the picture is shown in tiles
   * @returns `[frames, 3, side, side]`
   * @throws {PictureProblem} when it cannot be decoded whole, or takes too long
   */
  async frames(bytes: Uint8Array, split: boolean): Promise<HostTensor> {
    const answer = (await this.#thread.ask({ bytes, split })) ?? {
      message: `more than ${this.#timeoutSeconds} seconds`,
    };
    if ("message" in answer) throw damagedPicture(new Error(answer.message));
    return answer;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#thread.close();
  }
}
