import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import type { SlurmLauncherSpec } from "../../spec/launchers/slurm.ts";
import type { LaunchTask } from "../launcher.ts";
import { writeJobRecord, type JobRecord } from "./jobRecord.ts";
import {
  arrayBody,
  memberFolder,
  scriptName,
  slurmBody,
  slurmDirectives,
  slurmFileName,
} from "./slurmScript.ts";

/** A task that is to become a job. */
export interface JobMember {
  readonly task: LaunchTask;
  /** How often a job was asked for, with this one. */
  readonly submission: number;
  readonly lost: number;
}

/** A job or array that lies ready to be submitted; its tasks' folders know of it. */
export interface WrittenJob {
  readonly script: string;
  /** One for each task. */
  readonly records: readonly JobRecord[];
}

export function writeJob(member: JobMember, spec: SlurmLauncherSpec): WrittenJob {
  const { task, submission, lost } = member;
  const folder = path.resolve(task.folder);
  const comment = `seedbed ${task.title} ${folder} ${submission}`;
  const script = writeScript(member, comment, spec);
  const record = { submission, comment, lost };
  writeJobRecord(folder, record);
  return { script, records: [record] };
}

/** The array has a folder with a link to each of its tasks' folders, by the task's index. */
export function writeArray(members: readonly JobMember[], spec: SlurmLauncherSpec): WrittenJob {
  const [first] = members;
  const title = first!.task.title.replace(/\.[^.]*$/, "");
  const folder = makeArrayFolder(path.dirname(path.resolve(first!.task.folder)));
  const comment = `seedbed ${title} ${folder}`;
  const records = members.map((member, index) => {
    const { task, submission, lost } = member;
    symlinkSync(path.resolve(task.folder), memberFolder(folder, index));
    writeScript(member, comment, spec);
    const record = { submission, comment, index, lost };
    writeJobRecord(task.folder, record);
    return record;
  });
  const script = path.join(folder, scriptName);
  const directives = slurmDirectives(
    {
      title,
      comment,
      logFile: path.join(slurmFileName(folder), "%a", path.basename(first!.task.logFile)),
      workingFolder: process.cwd(),
      array: { size: members.length, parallel: spec.parallel },
    },
    spec,
  );
  writeFileAtomic(script, directives + arrayBody(folder));
  return { script, records };
}

/** @returns the script's path */
function writeScript({ task }: JobMember, comment: string, spec: SlurmLauncherSpec): string {
  const script = path.join(path.resolve(task.folder), scriptName);
  const logFile = slurmFileName(path.resolve(task.logFile));
  const job = { title: task.title, comment, logFile, workingFolder: process.cwd() };
  writeFileAtomic(script, slurmDirectives(job, spec) + slurmBody(task, spec));
  return script;
}

/** `slurm-arrays/1`, `slurm-arrays/2`, ... */
function makeArrayFolder(parent: string): string {
  const all = path.join(parent, "slurm-arrays");
  mkdirSync(all, { recursive: true });
  for (let number = 1; ; number++) {
    const folder = path.join(all, String(number));
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
