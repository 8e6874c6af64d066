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
