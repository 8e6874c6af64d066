import { foreignFormats } from "../foreign/foreignFormats.ts";
import type { RunSource } from "../indexedRun.ts";
import { ForeignConsole } from "./foreignConsole.ts";
import { ForeignRunMedia } from "./foreignMedia.ts";
import { ForeignSystem } from "./foreignSystem.ts";
import type { RunConsole, RunMedia, RunSystem } from "./runMedia.ts";
import { SeedbedConsole } from "./seedbedConsole.ts";
import { SeedbedMedia } from "./seedbedMedia.ts";
import { SeedbedSystem } from "./seedbedSystem.ts";

/** A run's folder, absolute, and who wrote it. */
export interface RunPlace {
  readonly folder: string;
  readonly source: RunSource;
}

export function openMedia({ folder, source }: RunPlace): RunMedia {
  if (source === "seedbed") return new SeedbedMedia(folder);
  return new ForeignRunMedia(foreignFormats[source], folder);
}

export function openConsole({ folder, source }: RunPlace): RunConsole {
  if (source === "seedbed") return new SeedbedConsole(folder);
  return new ForeignConsole(foreignFormats[source], folder);
}

export function openSystem({ folder, source }: RunPlace): RunSystem {
  if (source === "seedbed") return new SeedbedSystem(folder);
  return new ForeignSystem(foreignFormats[source], folder);
}
