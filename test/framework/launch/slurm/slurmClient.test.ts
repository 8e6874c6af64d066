import { expect } from "chai";
import { describe, it } from "mocha";

import type { ClientAnswer } from "../../../../framework/launch/slurm/runClient.ts";
import { slurmClient, type SlurmClient } from "../../../../framework/launch/slurm/slurmClient.ts";

/** Answers by the program's name; a text is output, another answer is given as it is. */
function client(answers: Readonly<Record<string, string | Partial<ClientAnswer>>>): SlurmClient {
  return slurmClient(async ([program = ""]) => {
    const answer = answers[program] ?? "";
    return typeof answer === "string"
      ? { isOk: true, output: answer, problem: "" }
      : { isOk: false, output: "", problem: "", ...answer };
  });
}

// Output of Slurm 22.05.8.
const shown =
  "JobId=2 ArrayJobId=1 ArrayTaskId=0 JobName=line UserId=root(0) Priority=4294901759 Account=(null) JobState=FAILED Reason=NonZeroExitCode Dependency=(null) Requeue=1 Restarts=3 BatchFlag=1 Reboot=0 ExitCode=7:0 RunTime=00:00:01 Comment=seedbed line\n";

describe("slurmClient()", () => {
  it("reads the queue, arrays by member", async () => {
    const squeue = `12|PENDING|Resources|seedbed a.1 /runs/a|b 1
13_0|RUNNING|None|(null)
`;
    expect([...(await client({ squeue }).queue())!]).to.deep.equal([
      ["12", { state: "PENDING", reason: "Resources", comment: "seedbed a.1 /runs/a|b 1" }],
      ["13_0", { state: "RUNNING", reason: "None", comment: "(null)" }],
    ]);
    expect(await client({ squeue: { problem: "no answer" } }).queue()).to.equal(undefined);
  });

  it("reads how a job ended, from accounting when Slurm has forgotten it", async () => {
    const forgotten = { problem: "slurm_load_jobs error: Invalid job id specified" };
    const failed = { state: "FAILED", exitCode: "7:0", restarts: 3 };
    expect(await client({ scontrol: shown }).end("1_0")).to.deep.equal(failed);
    expect(await client({ scontrol: forgotten, sacct: "FAILED|7:0\n" }).end("2")).to.deep.equal({
      ...failed,
      restarts: 0,
    });
    const disabled = { problem: "Slurm accounting storage is disabled" };
    expect(await client({ scontrol: forgotten, sacct: disabled }).end("2")).to.equal("unknown");
    expect(await client({ scontrol: { problem: "no answer" } }).end("2")).to.equal(undefined);
  });

  it("reads a new job's id, also beside that of its cluster", async () => {
    expect(await client({ sbatch: "12;cluster\n" }).submit("job.sh")).to.equal("12");
  });

  const refusals: [about: string, problem: string, isPassing: boolean][] = [
    ["a partition", "sbatch: error: invalid partition specified: none", false],
    ["a timeout", "sbatch: no answer within 30 s", true],
    [
      "a lost answer",
      "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
      true,
    ],
    [
      "a controller",
      "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
      true,
    ],
  ];
  for (const [about, problem, isPassing] of refusals) {
    it(`tells whether a refusal is for good: ${about}`, async () => {
      const answer = await client({ sbatch: { problem } })
        .submit("job.sh")
        .catch((error: unknown) => String(error));
      if (isPassing) expect(answer).to.equal(undefined);
      else expect(answer).to.equal(`InputError: Cannot submit job.sh: ${problem.slice(15)}`);
    });
  }

  it("wants a controller that is up", async () => {
    await client({ scontrol: "Slurmctld(primary) at vm is UP\n" }).check();
    const down = client({ scontrol: { output: "Slurmctld(primary) at vm is DOWN\n" } });
    expect(String(await down.check().catch((error: unknown) => error))).to.match(
      /^InputError: Cannot use launcher slurm: .*is DOWN"$/,
    );
  });
});
