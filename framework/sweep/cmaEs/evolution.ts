import type { RandomStream } from "../../base/random.ts";
import { symmetricEigen, type Eigen } from "./symmetricEigen.ts";

/** A place that was tried, and what it was worth: small is good. */
export interface Tried {
  readonly place: Float64Array;
  readonly value: number;
}

/** From where places are drawn: its mean, its scale, and the covariance in parts of the scale's square. */
export interface Bell {
  readonly mean: Float64Array;
  readonly deviation: number;
  /** `[n, n]` by rows. */
  readonly covariance: Float64Array;
}

/** Round, in the middle of the cube. */
function roundBell(n: number): Bell {
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) covariance[i * n + i] = 1;
  return { mean: new Float64Array(n).fill(0.5), deviation: 1 / 6, covariance };
}

/** Constants that depend on the number of dimensions alone, with the names of Hansen 2016, table 1. */
interface Strategy {
  /** λ */
  readonly populationSize: number;
  /** w, of the best half. */
  readonly weights: readonly number[];
  /** μ_eff */
  readonly effectiveMass: number;
  /** c_c */
  readonly pathRate: number;
  /** c_σ */
  readonly stepRate: number;
  /** d_σ */
  readonly stepDamping: number;
  /** c_1 */
  readonly rankOne: number;
  /** c_μ */
  readonly rankMu: number;
  /** E‖N(0, I)‖ */
  readonly meanLength: number;
}

function strategy(n: number): Strategy {
  const populationSize = 4 + Math.floor(3 * Math.log(n));
  const raw = Array.from(
    { length: populationSize >> 1 },
    (_, i) => Math.log((populationSize + 1) / 2) - Math.log(i + 1),
  );
  const total = raw.reduce((sum, each) => sum + each, 0);
  const weights = raw.map((each) => each / total);
  const effectiveMass = 1 / weights.reduce((sum, each) => sum + each * each, 0);
  const stepRate = (effectiveMass + 2) / (n + effectiveMass + 5);
  const rankOne = 2 / ((n + 1.3) ** 2 + effectiveMass);
  const spread = 2 * (effectiveMass - 2 + 1 / effectiveMass);
  return {
    ...{ populationSize, weights, effectiveMass, stepRate, rankOne },
    pathRate: (4 + effectiveMass / n) / (n + 4 + (2 * effectiveMass) / n),
    stepDamping: 1 + 2 * Math.max(0, Math.sqrt((effectiveMass - 1) / (n + 1)) - 1) + stepRate,
    rankMu: Math.min(1 - rankOne, spread / ((n + 2) ** 2 + effectiveMass)),
    meanLength: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/**
 * Covariance matrix adaptation evolution strategy in the unit cube: a bell from which places are
 * drawn, and which moves, turns and stretches towards those that were good.
 *
 * Source: Hansen 2016, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, without negative
 * weights.
 */
export class Evolution {
  readonly #n: number;
  readonly #constants: Strategy;
  readonly #mean: Float64Array;
  #deviation: number;
  readonly #covariance: Float64Array;
  readonly #stepPath: Float64Array;
  readonly #path: Float64Array;
  #eigen: Eigen;
  #generation = 0;

  constructor(dimensions: number, start: Bell = roundBell(dimensions)) {
    this.#n = dimensions;
    this.#constants = strategy(dimensions);
    this.#mean = start.mean.slice();
    this.#deviation = start.deviation;
    this.#covariance = start.covariance.slice();
    this.#stepPath = new Float64Array(dimensions);
    this.#path = new Float64Array(dimensions);
    this.#eigen = symmetricEigen(this.#covariance, dimensions);
  }

  /** Places that are told at once. */
  get populationSize(): number {
    return this.#constants.populationSize;
  }

  /** A place inside the cube; after many draws that were outside, one on its side. */
  draw(stream: RandomStream): Float64Array {
    for (let attempt = 0; ; attempt++) {
      const normals = Float64Array.from({ length: this.#n }, () => stream.normal());
      const step = this.#stretched(normals, (value) => value);
      const place = step.map((each, i) => this.#mean[i]! + this.#deviation * each);
      if (place.every((each) => each > 0 && each < 1)) return place;
      if (attempt >= 100) return place.map((each) => Math.min(1, Math.max(0, each)));
    }
  }

  /** @param generation `populationSize` places, in any order */
  tell(generation: readonly Tried[]): void {
    const n = this.#n;
    const { weights, effectiveMass, stepRate, stepDamping, meanLength } = this.#constants;
    const steps = [...generation]
      .sort((a, b) => a.value - b.value)
      .slice(0, weights.length)
      .map(({ place }) => place.map((each, i) => (each - this.#mean[i]!) / this.#deviation));
    const shift = Float64Array.from({ length: n }, (_, i) =>
      steps.reduce((sum, step, k) => sum + weights[k]! * step[i]!, 0),
    );
    const round = this.#whitened(shift);
    const pull = Math.sqrt(stepRate * (2 - stepRate) * effectiveMass);
    for (let i = 0; i < n; i++) {
      this.#mean[i]! += this.#deviation * shift[i]!;
      this.#stepPath[i] = (1 - stepRate) * this.#stepPath[i]! + pull * round[i]!;
    }
    this.#generation++;
    const length = Math.hypot(...this.#stepPath);
    this.#adaptCovariance(steps, shift, length);
    this.#deviation *= Math.exp((stepRate / stepDamping) * (length / meanLength - 1));
    this.#eigen = symmetricEigen(this.#covariance, n);
  }

  #adaptCovariance(steps: readonly Float64Array[], shift: Float64Array, length: number): void {
    const n = this.#n;
    const { weights, effectiveMass, pathRate, stepRate, rankOne, rankMu, meanLength } =
      this.#constants;
    const warmth = Math.sqrt(1 - (1 - stepRate) ** (2 * this.#generation));
    const isSteady = length / warmth < (1.4 + 2 / (n + 1)) * meanLength;
    const pull = isSteady ? Math.sqrt(pathRate * (2 - pathRate) * effectiveMass) : 0;
    for (let i = 0; i < n; i++) {
      this.#path[i] = (1 - pathRate) * this.#path[i]! + pull * shift[i]!;
    }
    const lost = isSteady ? 0 : rankOne * pathRate * (2 - pathRate);
    const keep = 1 - rankOne - rankMu + lost;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const many = steps.reduce((sum, step, k) => sum + weights[k]! * step[i]! * step[j]!, 0);
        this.#covariance[i * n + j] =
          keep * this.#covariance[i * n + j]! +
          rankOne * this.#path[i]! * this.#path[j]! +
          rankMu * many;
      }
    }
  }

  /** B f(D) x, of the covariance's root B D Bᵀ. */
  #stretched(x: Float64Array, of: (root: number) => number): Float64Array {
    const { values, vectors } = this.#eigen;
    const n = this.#n;
    return Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < n; j++) {
        sum += vectors[i * n + j]! * of(Math.sqrt(Math.max(values[j]!, 1e-20))) * x[j]!;
      }
      return sum;
    });
  }

  /** C^(-1/2) x. */
  #whitened(x: Float64Array): Float64Array {
    const { vectors } = this.#eigen;
    const n = this.#n;
    const turned = Float64Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += vectors[i * n + j]! * x[i]!;
      return sum;
    });
    return this.#stretched(turned, (root) => 1 / root);
  }
}
