import { expect } from "chai";
import { Job } from "kubernetes-models/batch/v1/Job";
import { describe, it } from "mocha";

import { kubernetesJob, type KubernetesManifest } from "../../../framework/launch/kubernetesJob.ts";
import { kubernetesDefaults } from "../../support/launcherSpecs.ts";

const trial = {
  sweep: "My_sweep.2",
  id: "a1b2c3d4",
  args: ["trial", "/data/runs/My_sweep.2/a1b2c3d4", "--threads", "4"],
  workingFolder: "/data/project",
};

describe("kubernetesJob()", () => {
  const validate = (manifest: KubernetesManifest): void => new Job({ ...manifest }).validate();

  it("writes what Kubernetes' own schema allows", () => {
    const full = {
      ...kubernetesDefaults,
      namespace: "research",
      cpus: 4,
      memory: "16Gi",
      gpus: 1,
      nodeSelector: { zone: "a" },
    };
    for (const spec of [kubernetesDefaults, full]) validate(kubernetesJob(trial, spec));
  });

  it("is checked by a schema that refuses what is wrong", () => {
    const { spec, ...others } = kubernetesJob(trial, kubernetesDefaults);
    expect(spec).to.have.property("backoffLimit", 2);
    const wrong = { ...others, spec: { ...Object(spec), backoffLimit: "two" } };
    expect(() => validate(wrong)).to.throw(/backoffLimit/);
  });

  it("names the job after sweep and trial", () => {
    const names = ["My_sweep.2", "x".repeat(80)].map(
      (sweep) => kubernetesJob({ ...trial, sweep }, kubernetesDefaults)["metadata"],
    );
    expect(names[0]).to.have.property("name", "seedbed-my-sweep-2-a1b2c3d4");
    expect(names[1]).to.have.property("name", `seedbed-${"x".repeat(40)}-a1b2c3d4`);
  });

  it("does not count a trial as failed that was asked to go, and does not repeat bad input", () => {
    const job = kubernetesJob(trial, kubernetesDefaults);
    const onExitCodes = { containerName: "trial", operator: "In" };
    expect(job).to.have.deep.nested.property("spec.podFailurePolicy.rules", [
      { action: "FailJob", onExitCodes: { ...onExitCodes, values: [2] } },
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      { action: "Ignore", onExitCodes: { ...onExitCodes, values: [75, 143] } },
    ]);
    expect(job).to.have.nested.property("spec.template.spec.restartPolicy", "Never");
    expect(job).to.have.nested.property("spec.template.spec.terminationGracePeriodSeconds", 300);
  });
});
