import type { JsonSchema } from "../jsonSchema.ts";

/** Machines that ssh reaches, and that see the folders of this one under the same names. */
export interface SshLauncherSpec {
  readonly name: "ssh";
  readonly hosts: readonly SshHost[];
  readonly threads: number;
  /** Of ssh, as in its configuration file: `Port`, `IdentityFile`. */
  readonly options: Readonly<Record<string, string | number>>;
  readonly setup: readonly string[];
  readonly timeoutSeconds: number;
}

export interface SshHost {
  /** As ssh takes it. */
  readonly host: string;
  /** Trials that it runs at once. */
  readonly slots: number;
}

const text: JsonSchema = { type: "string", minLength: 1 };

export const sshSchema: JsonSchema = {
  required: ["hosts", "threads"],
  properties: {
    hosts: {
      type: "array",
      minItems: 1,
      description: "Mappings of `host`, as ssh takes it, and `slots`, its trials at once (1).",
      items: {
        type: "object",
        required: ["host"],
        properties: { host: text, slots: { type: "integer", minimum: 1, default: 1 } },
      },
    },
    threads: {
      type: "integer",
      minimum: 1,
      description: "Of each trial: the same on all hosts, as results depend on it.",
    },
    options: {
      type: "object",
      additionalProperties: { type: ["string", "number"] },
      default: {},
      description: "Of ssh, as in its configuration file, such as `Port` and `IdentityFile`.",
    },
    setup: {
      type: "array",
      items: text,
      default: [],
      description: "Lines of shell that come before a trial.",
    },
    timeoutSeconds: {
      type: "integer",
      minimum: 1,
      default: 15,
      description: "To reach a host in.",
    },
  },
};
