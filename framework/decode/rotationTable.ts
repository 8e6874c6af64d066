import { ropeFrequencies, type RopeConfig } from "../nn/rope/index.ts";

/**
 * Cosines and sines for the tokens of one run, computed for their positions as they come: positions
 * have no limit, and angles are exact however far into a text.
 */
export class RotationTable {
  /** `[places, head_dim / 2]` */
  cos: Float32Array;
  sin: Float32Array;
  readonly #frequencies: Float64Array;
  readonly #attentionFactor: number;

  /**
   * @param places more than a run has tokens, and than a row has in the cache
   * @param length of texts, on which "dynamic" frequencies depend: it is fixed for all of them
   */
  constructor(config: RopeConfig, places: number, length: number) {
    const { inverse, attentionFactor } = ropeFrequencies(config, length);
    this.#frequencies = inverse;
    this.#attentionFactor = attentionFactor;
    [this.cos, this.sin] = this.#tables(places);
  }

  get places(): number {
    return this.cos.length / this.#frequencies.length;
  }

  /** Forgets what it holds. */
  resize(places: number): void {
    [this.cos, this.sin] = this.#tables(places);
  }

  set(place: number, position: number): void {
    const pairs = this.#frequencies.length;
    for (let i = 0; i < pairs; i++) {
      const angle = position * this.#frequencies[i]!;
      this.cos[place * pairs + i] = this.#attentionFactor * Math.cos(angle);
      this.sin[place * pairs + i] = this.#attentionFactor * Math.sin(angle);
    }
  }

  /**
   * Turns keys as if they stood `by` positions later.
   *
   * @param keys `[heads * tokens, head_dim]`, turned already; left as they are
   */
  turned(keys: Float32Array, by: number): Float32Array {
    const pairs = this.#frequencies.length;
    const turned = new Float32Array(keys.length);
    for (let i = 0; i < pairs; i++) {
      const [cos, sin] = [
        Math.cos(by * this.#frequencies[i]!),
        Math.sin(by * this.#frequencies[i]!),
      ];
      for (let at = i; at < keys.length; at += 2 * pairs) {
        const [left, right] = [keys[at]!, keys[at + pairs]!];
        turned[at] = left * cos - right * sin;
        turned[at + pairs] = right * cos + left * sin;
      }
    }
    return turned;
  }

  #tables(places: number): [Float32Array, Float32Array] {
    const bytes = places * this.#frequencies.length * 4;
    return [new Float32Array(new ArrayBuffer(bytes)), new Float32Array(new ArrayBuffer(bytes))];
  }
}
