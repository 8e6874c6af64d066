import { expect } from "chai";
import { describe, it } from "mocha";

import { findLaunch } from "../../../framework/distributed/launcher.ts";

describe("findLaunch()", () => {
  for (const { by, environment, implementation } of [
    {
      by: "Open MPI's mpirun",
      environment: { OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "4", PMIX_RANK: "1" },
      implementation: "Open MPI",
    },
    {
      by: "MPICH's mpirun",
      environment: { PMI_RANK: "1", PMI_SIZE: "4" },
      implementation: "MPICH",
    },
    {
      by: "srun --mpi=pmix",
      environment: { PMIX_RANK: "1", SLURM_STEP_NUM_TASKS: "4" },
      implementation: "Open MPI",
    },
  ]) {
    it(`knows ${by}`, () => {
      expect(findLaunch(environment)).to.deep.equal({ rank: 1, size: 4, implementation });
    });
  }

  it("finds none in a batch script of Slurm", () => {
    expect(findLaunch({ SLURM_PROCID: "0", SLURM_NTASKS: "4" })).to.equal(undefined);
  });
});
