import type { Augmentation } from "./dataset.ts";

/** The `data` section of the experiments that train on drawings. */
export const dataSection = {
  type: "object",
  description: "The drawings, built from their npm packages.",
  default: {},
  properties: {
    preset: {
      enum: ["core", "full"],
      default: "core",
      description: "`core`: animals, food, vehicles and clocks; `full`: all concepts.",
    },
    batchSize: { type: "integer", minimum: 1, default: 16 },
  },
} as const;

/** What {@link latentDataSection} describes. */
export interface LatentDataSettings {
  preset: "core" | "full";
  batchSize: number;
  variants: number;
  augmentation: Augmentation;
}

/** The `data` section of the experiments that train on the drawings' latents. */
export const latentDataSection: object = {
  ...dataSection,
  properties: {
    ...dataSection.properties,
    variants: {
      type: "integer",
      minimum: 1,
      default: 8,
      description: "Moved and recoloured copies of each drawing, encoded once.",
    },
    augmentation: {
      enum: ["gentle", "wide"],
      default: "gentle",
      description:
        "`wide` moves, turns, scales and mirrors every copy; `gentle` two of eight, the others hardly.",
    },
  },
};

/** The `export` section of the experiments that train a part of the bundled model. */
export const exportSection: object = {
  type: "object",
  default: {},
  description: "Where the trained model is written.",
  properties: {
    folder: {
      anyOf: [{ type: "string", minLength: 1 }, { type: "null" }],
      default: null,
      description: "Pipeline folder; null: `model` in the run's folder.",
    },
  },
};
