/** How this process was started, as the launcher's environment variables tell. */
export interface Launch {
  readonly rank: number;
  readonly size: number;
  /** Whose MPI the launcher belongs to. */
  readonly implementation: "Open MPI" | "MPICH";
}

/** Variables in which launchers say a process's number and how many there are. */
const launchers = [
  ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "Open MPI"],
  ["PMI_RANK", "PMI_SIZE", "MPICH"], // also srun --mpi=pmi2
  ["PMIX_RANK", "SLURM_STEP_NUM_TASKS", "Open MPI"], // srun --mpi=pmix
] as const;

/** Undefined when no launcher of MPI started this process. */
export function findLaunch(environment: NodeJS.ProcessEnv): Launch | undefined {
  for (const [rankName, sizeName, implementation] of launchers) {
    const [rank, size] = [environment[rankName], environment[sizeName]];
    if (rank === undefined || size === undefined) continue;
    return { rank: Number(rank), size: Number(size), implementation };
  }
  return undefined;
}
