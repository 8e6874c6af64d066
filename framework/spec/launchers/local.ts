import type { JsonSchema } from "../jsonSchema.ts";
import { parallel } from "./parallel.ts";

/** Processes on this machine. */
export interface LocalLauncherSpec {
  readonly name: "local";
  readonly parallel: number;
}

export const localSchema: JsonSchema = { properties: { parallel: { ...parallel, default: 1 } } };
