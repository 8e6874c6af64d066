import { setTimeout as wait } from "node:timers/promises";

import { InputError } from "../../base/errors.ts";
import type { SlurmLauncherSpec } from "../../spec/launchers/slurm.ts";
import type { LaunchedTask, LaunchEnd, LaunchTask } from "../launcher.ts";
import { readJobRecord, writeJobRecord, type JobRecord } from "./jobRecord.ts";
import { isLost, phaseOf, toLaunchEnd, type JobEnd, type JobPhase } from "./jobStates.ts";
import type { Queue, SlurmClient } from "./slurmClient.ts";
import { writeArray, writeJob, type WrittenJob } from "./writeJobs.ts";

export interface SlurmJobsOptions {
  readonly spec: SlurmLauncherSpec;
  readonly client: SlurmClient;
  readonly warn: (line: string) => void;
  /** Milliseconds, only ever growing. */
  readonly clock?: () => number;
}

/** A task that was asked for and has not ended. */
interface OpenTask {
  readonly task: LaunchTask;
  readonly end: (end: LaunchEnd) => void;
  readonly fail: (error: unknown) => void;
  /** Absent before there is a job for it. */
  record?: JobRecord;
  /** When it was asked to stop. */
  stopMs?: number;
  wasCancelled?: boolean;
  /** Whether the user knows that somebody holds its job. */
  toldHeld?: boolean;
}

/** Tasks that come within so short a time go into one array. */
const gatherMs = 300;
/** A job that has done its work ends within so long. */
const endMs = 60_000;
/** What our program ends with when its work is saved and it may be queued again. */
const savedCode = 75;
/** Of a shell: the program was not found, or could not be started. */
const startFailures: readonly (number | null)[] = [126, 127];

/**
 * Tasks and their jobs. One timer looks after all of them: first at the tasks' own files, then, for
 * those that these do not settle, once at the queue.
 */
export class SlurmJobs {
  readonly #options: Required<SlurmJobsOptions>;
  readonly #open = new Set<OpenTask>();
  readonly #gathered: OpenTask[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #isWatching = false;
  #isSilent = false;
  /** A question about the queue that has no answer yet, which all share. */
  #question: Promise<Queue | undefined> | undefined;
  /** Jobs that will be told to stop at once. */
  readonly #stopping: string[] = [];

  constructor(options: SlurmJobsOptions) {
    this.#options = { clock: () => performance.now(), ...options };
  }

  launch(task: LaunchTask): LaunchedTask {
    let [end, fail]: [OpenTask["end"], OpenTask["fail"]] = [() => {}, () => {}];
    const ended = new Promise<LaunchEnd>((resolve, reject) => ([end, fail] = [resolve, reject]));
    const open: OpenTask = { task, end, fail };
    this.#open.add(open);
    this.#begin(open).catch((error: unknown) => this.#fail(open, error));
    return {
      ended: ended.finally(() => this.#open.delete(open)),
      logClosed: () => this.#logClosed(open),
      stop: () => this.#stop(open),
    };
  }

  /** A task whose files say that it is finished has a job that is about to end. */
  async #logClosed({ record, task }: OpenTask): Promise<void> {
    const { clock } = this.#options;
    const job = record?.job;
    if (job === undefined) return;
    const what = `Cannot tell that ${task.logFile} has all of its lines`;
    for (const lastMs = clock() + endMs; clock() < lastMs;) {
      const queue = await this.#ask();
      if (!queue)
        throw new InputError(`${what}: Slurm does not answer whether job ${job} has ended`);
      const { state = "" } = queue.get(job) ?? {};
      if (state === "" || state === "COMPLETING" || phaseOf(state) === "ended") return;
      await this.#pause();
    }
    throw new InputError(`${what}: Slurm job ${job} goes on after its work`);
  }

  async holds(folder: string): Promise<boolean> {
    const record = readJobRecord(folder);
    return record !== undefined && (await this.#find(record)) !== undefined;
  }

  #fail(open: OpenTask, error: unknown): void {
    this.#open.delete(open);
    open.fail(error);
  }

  /** Takes up the job that an earlier process has asked for, or asks for one. */
  async #begin(open: OpenTask): Promise<void> {
    const { folder } = open.task;
    const earlier = readJobRecord(folder);
    const found = earlier && (await this.#find(earlier));
    // it may have finished since whoever wants it has looked
    if (!found && earlier && open.task.state() === "finished") return open.end(finished);
    if (!found) return this.#askFor(open, earlier);
    writeJobRecord(folder, found);
    this.#follow(open, found);
  }

  /** @returns the record with the job's id, if the job still waits or runs */
  async #find(record: JobRecord): Promise<JobRecord | undefined> {
    const queue = await this.#queue();
    const isOurs = (id: string): boolean => {
      if (record.job !== undefined) return id === record.job;
      const isMember = record.index === undefined || id.endsWith(`_${record.index}`);
      return isMember && queue.get(id)?.comment === record.comment;
    };
    const job = [...queue.keys()].find(isOurs);
    const row = job === undefined ? undefined : queue.get(job);
    if (job === undefined || !row || phaseOf(row.state) === "ended") return undefined;
    return { ...record, job };
  }

  /** The queue, however long it takes Slurm to answer. */
  async #queue(): Promise<Queue> {
    for (;;) {
      const queue = await this.#ask();
      if (queue) return queue;
      await this.#pause();
    }
  }

  async #ask(): Promise<Queue | undefined> {
    this.#question ??= this.#options.client.queue().finally(() => (this.#question = undefined));
    const queue = await this.#question;
    this.#tellSilence(queue === undefined);
    return queue;
  }

  async #pause(): Promise<void> {
    await wait(this.#options.spec.pollSeconds * 1000);
  }

  #tellSilence(isSilent: boolean): void {
    if (isSilent && !this.#isSilent) {
      this.#options.warn("Slurm does not answer; trials that run go on, and it is asked again");
    }
    this.#isSilent = isSilent;
  }

  #askFor(open: OpenTask, earlier: JobRecord | undefined): void {
    const { submission = 0, lost = 0 } = earlier ?? {};
    open.record = { submission, lost: open.record ? lost : 0, comment: "" };
    if (open.stopMs !== undefined) return open.end(stopped);
    if (!this.#options.spec.array) return void this.#submit([open]);
    this.#gathered.push(open);
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => this.#submitGathered(), gatherMs);
  }

  #submitGathered(): void {
    const opens = this.#gathered.splice(0).filter(({ stopMs }) => stopMs === undefined);
    if (opens.length > 0) void this.#submit(opens);
  }

  /** One job for one task, or an array for several. */
  async #submit(opens: readonly OpenTask[]): Promise<void> {
    try {
      const written = this.#write(opens);
      const id = await this.#submitScript(opens, written);
      for (const [i, open] of opens.entries()) {
        const record = { ...written.records[i]!, job: opens.length === 1 ? id : `${id}_${i}` };
        writeJobRecord(open.task.folder, record);
        this.#follow(open, record);
      }
    } catch (error) {
      for (const open of opens) this.#fail(open, error);
    }
  }

  #write(opens: readonly OpenTask[]): WrittenJob {
    const { spec } = this.#options;
    const members = opens.map(({ task, record }) => ({
      task,
      submission: (record?.submission ?? 0) + 1,
      lost: record?.lost ?? 0,
    }));
    const [only, ...others] = members;
    return only && others.length === 0 ? writeJob(only, spec) : writeArray(members, spec);
  }

  /** Asks again after a call that may or may not have made a job, if there is none. */
  async #submitScript(
    opens: readonly OpenTask[],
    { script, records }: WrittenJob,
  ): Promise<string> {
    for (;;) {
      const id = await this.#options.client.submit(script);
      if (id !== undefined) return id;
      this.#tellSilence(true);
      await this.#pause();
      const queue = await this.#queue();
      const found = [...queue].find(([, { comment }]) => comment === records[0]?.comment);
      if (found) return found[0].replace(/_.*/, "");
      if (opens.every(({ stopMs }) => stopMs !== undefined)) {
        throw new InputError("Cannot submit a job: stopped before Slurm has answered");
      }
    }
  }

  #follow(open: OpenTask, record: JobRecord): void {
    open.record = record;
    if (open.stopMs !== undefined) this.#stopJob(record.job!);
    if (!this.#isWatching) void this.#watch();
  }

  #stop(open: OpenTask): void {
    if (open.stopMs !== undefined) return;
    open.stopMs = this.#options.clock();
    const { job } = open.record ?? {};
    if (job !== undefined) this.#stopJob(job);
    else if (this.#gathered.includes(open)) open.end(stopped);
  }

  /** All that are stopped together in one call. */
  #stopJob(job: string): void {
    this.#stopping.push(job);
    if (this.#stopping.length > 1) return;
    setImmediate(() => {
      const jobs = this.#stopping.splice(0);
      this.#options.client.stop(jobs).catch((error: unknown) => this.#options.warn(String(error)));
    });
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    try {
      while (this.#open.size > 0) {
        await this.#pause();
        await this.#look();
      }
    } catch (error) {
      for (const open of this.#open) this.#fail(open, error);
    } finally {
      this.#isWatching = false;
    }
  }

  async #look(): Promise<void> {
    const unsettled = [...this.#open].filter((open) => open.record?.job !== undefined);
    const asking = unsettled.filter((open) => {
      const state = open.task.state();
      if (state === "finished") open.end(finished);
      return state === "unknown" || (state === "running" && open.stopMs !== undefined);
    });
    if (asking.length === 0) return;
    const queue = await this.#ask();
    if (!queue) return;
    for (const open of asking) await this.#lookAt(open, queue);
  }

  async #lookAt(open: OpenTask, queue: Queue): Promise<void> {
    const job = open.record!.job!;
    const row = queue.get(job);
    const phase = row ? phaseOf(row.state, row.reason) : "ended";
    if (phase !== "ended") return this.#hurry(open, job, phase);
    const end = await this.#options.client.end(job);
    if (end === undefined) return;
    if (end === "unknown")
      return open.end({ ...nobodyKnows, reason: `Slurm has forgotten job ${job}` });
    if (phaseOf(end.state) === "ended") this.#conclude(open, job, end);
  }

  /** A job that is to stop leaves the queue, and does not save its work for ever. */
  async #hurry(open: OpenTask, job: string, phase: JobPhase): Promise<void> {
    const { client, spec, warn, clock } = this.#options;
    if (phase === "held" && !open.toldHeld) {
      warn(
        `Slurm holds job ${job} of ${open.task.title}; release it with: scontrol release ${job}`,
      );
      open.toldHeld = true;
    }
    // asked to stop, it is told so first
    if (open.stopMs === undefined || this.#stopping.includes(job)) return;
    const isLate = clock() - open.stopMs > spec.stopSeconds * 1000;
    if (phase === "running" && (!isLate || open.wasCancelled)) return;
    open.wasCancelled = phase === "running";
    await client.cancel([job]);
  }

  #conclude(open: OpenTask, job: string, end: JobEnd): void {
    const { maxRequeues } = this.#options.spec;
    const record = open.record!;
    if (isLost(end) && open.stopMs === undefined && record.lost < maxRequeues) {
      open.record = { ...record, lost: record.lost + 1 };
      return this.#askFor(open, open.record);
    }
    const told = toLaunchEnd(job, end);
    if (startFailures.includes(told.exitCode)) return this.#fail(open, notStarted(open.task, told));
    if (told.exitCode !== savedCode || end.restarts < maxRequeues) return open.end(told);
    const often = `was queued again ${end.restarts} times, as often as launcher.maxRequeues allows`;
    open.end({ ...told, reason: `Slurm job ${job} ${often}`, isFinal: true });
  }
}

const finished: LaunchEnd = { exitCode: 0, signal: null };
const stopped: LaunchEnd = { exitCode: null, signal: "SIGTERM" };
const nobodyKnows: LaunchEnd = { exitCode: null, signal: null };

const notStarted = ({ command, logFile }: LaunchTask, { exitCode }: LaunchEnd): InputError =>
  new InputError(
    `Cannot start ${command.join(" ")}: exit code ${exitCode} on the node, expected the program there as it is here; see ${logFile}`,
  );
