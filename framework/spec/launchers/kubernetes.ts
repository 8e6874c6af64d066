import type { JsonSchema } from "../jsonSchema.ts";

/** Jobs of a Kubernetes cluster, which are written and not started. */
export interface KubernetesLauncherSpec {
  readonly name: "kubernetes";
  readonly image: string;
  readonly command: readonly string[];
  readonly namespace?: string;
  readonly claim: string;
  readonly mountPath: string;
  readonly cpus: number;
  readonly memory?: string;
  readonly gpus: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly backoffLimit: number;
  readonly stopSeconds: number;
}

const text: JsonSchema = { type: "string", minLength: 1 };
const many: JsonSchema = { type: "integer", minimum: 0 };

export const kubernetesSchema: JsonSchema = {
  required: ["image", "claim", "mountPath"],
  properties: {
    image: { ...text, description: "Container image that has Seedbed." },
    command: {
      type: "array",
      items: text,
      minItems: 1,
      default: ["seedbed"],
      description: "What calls Seedbed there.",
    },
    namespace: text,
    claim: { ...text, description: "PersistentVolumeClaim whose volume holds the runs." },
    mountPath: {
      type: "string",
      pattern: "^/",
      description:
        "Where that is mounted: a folder above the runs, of the same name here and there.",
    },
    cpus: { type: "integer", minimum: 1, default: 1, description: "Of a trial; its threads." },
    memory: {
      type: "string",
      pattern: String.raw`^\d+(?:\.\d+)?(?:[KMGT]i?)?$`,
      examples: ["16Gi"],
      description: "Of a trial.",
    },
    gpus: { ...many, default: 0, description: "Of a trial, as `nvidia.com/gpu`." },
    nodeSelector: {
      type: "object",
      additionalProperties: { type: "string" },
      default: {},
      description: "Labels of the nodes that will do.",
    },
    backoffLimit: {
      ...many,
      default: 2,
      description: "How often a crashed trial is started again.",
    },
    stopSeconds: {
      ...many,
      default: 300,
      description: "Time to save a checkpoint in when a pod has to go.",
    },
  },
};
