import { ApiError, overloaded } from "../apiError.ts";
import { PictureProblem } from "./pictureProblem.ts";
import type { ShownPicture } from "./shownPicture.ts";

/** What a text is given of a picture. */
export interface SeenPicture {
  /** Another one for each picture, and way of showing it, that is remembered; from 1 on. */
  readonly number: number;
  /** Of its tokens, one after the other. */
  readonly features: Float32Array;
}

export interface SeenPicturesOptions {
  /** Most bytes of what is remembered. */
  readonly maxBytes: number;
  /** Most pictures that wait to be looked at. */
  readonly mostWaiting: number;
  readonly look: (shown: ShownPicture) => Promise<Float32Array>;
}

/** Looks at each picture once, as long as it is remembered: those that were not asked for longest go. */
export class SeenPictures {
  readonly #options: SeenPicturesOptions;
  /** By content and way of showing, in the order of their last use. */
  readonly #known = new Map<string, SeenPicture>();
  readonly #underWay = new Map<string, Promise<SeenPicture>>();
  #bytes = 0;
  #last = 0;

  constructor(options: SeenPicturesOptions) {
    this.#options = options;
  }

  /** @throws {ApiError} naming the field of a picture that is damaged, or when too many wait */
  async get(shown: ShownPicture): Promise<SeenPicture> {
    const key = `${shown.picture.hash} ${shown.split}`;
    const known = this.#known.get(key);
    if (known) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    try {
      return await (this.#underWay.get(key) ?? this.#begin(key, shown));
    } catch (cause) {
      if (!(cause instanceof PictureProblem)) throw cause;
      throw new ApiError(cause.message, { param: shown.param, code: cause.code, cause });
    }
  }

  #begin(key: string, shown: ShownPicture): Promise<SeenPicture> {
    if (this.#underWay.size >= this.#options.mostWaiting) {
      throw overloaded("Too many pictures are being looked at.");
    }
    const seen = this.#options
      .look(shown)
      .then((features) => this.#remember(key, features))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, seen);
    return seen;
  }

  #remember(key: string, features: Float32Array): SeenPicture {
    const seen = { number: ++this.#last, features };
    this.#known.set(key, seen);
    this.#bytes += features.byteLength;
    for (const [oldest, { features: old }] of this.#known) {
      if (this.#bytes <= this.#options.maxBytes) break;
      this.#known.delete(oldest);
      this.#bytes -= old.byteLength;
    }
    return seen;
  }
}
