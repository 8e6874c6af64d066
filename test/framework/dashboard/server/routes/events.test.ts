import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { lockRun } from "../../../../../framework/tracking/runLock.ts";
import { manifestPath } from "../../../../../framework/tracking/runManifest.ts";
import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards, type TestedDashboard } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

interface Event {
  readonly name: string;
  readonly data: any;
  /** Since the stream was opened. */
  readonly ms: number;
}

describe("GET /api/events", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  const log = (step: number, run = "r0000000"): void =>
    appendFileSync(
      folder.path("tuning", run, "metrics.jsonl"),
      `{"kind":"metrics","step":${step},"epoch":1,"wallTimeSeconds":1,"metrics":{"loss":1}}\n`,
    );

  beforeEach(() => generateRuns({ folder: folder.path(), count: 3 }));

  /** Reads events until there are `count`. */
  async function* listen({ app }: TestedDashboard): AsyncGenerator<Event> {
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    const start = performance.now();
    const response = await fetch(`${address}/api/events`);
    expect(response.headers.get("content-type")).to.equal("text/event-stream");
    expect(response.headers.get("x-content-type-options")).to.equal("nosniff");
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (text + chunk).split("\n\n");
      text = parts.pop()!;
      for (const part of parts) {
        const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
        if (name) yield { name, data: JSON.parse(data!), ms: performance.now() - start };
      }
    }
  }

  it("first says the revision that the server has", async () => {
    const dashboard = await open(folder.path());
    const events = listen(dashboard);
    const { value } = await events.next();
    expect(value.name).to.equal("changed");
    expect(value.data).to.deep.equal({ revision: dashboard.index.revision, keys: [] });
    await events.return(undefined);
  });

  it("tells of a write, of a new run and of one that is gone, each within a second", async () => {
    const dashboard = await open(folder.path());
    const events = listen(dashboard);
    await events.next();
    for (const { act, keys } of [
      { act: async () => log(999), keys: ["r0000000"] },
      { act: () => generateRuns({ folder: folder.path(), count: 4 }), keys: ["r0000003"] },
      {
        act: async () => rmSync(folder.path("tuning", "r0000001"), { recursive: true }),
        keys: ["r0000001"],
      },
    ]) {
      const from = performance.now();
      await act();
      const { value } = await events.next();
      expect(performance.now() - from).to.be.below(1500); // a second, and what a busy machine takes
      expect(value.data.keys).to.include.members(keys);
      expect(value.data.revision).to.equal(dashboard.index.revision);
    }
    await events.return(undefined);
  });

  it("watches running runs, and gathers what comes quickly: at most two events a second", async () => {
    const running = folder.path("tuning", "r0000002");
    const manifest: object = JSON.parse(readFileSync(manifestPath(running), "utf8"));
    writeFileSync(manifestPath(running), JSON.stringify({ ...manifest, status: "running" }));
    const unlock = lockRun(running, manifestPath(running));
    const events = listen(await open(folder.path()));
    await events.next();
    const writes = setInterval(() => log(Math.round(performance.now()), "r0000002"), 20);
    const { value: first } = await events.next();
    const { value: second } = await events.next();
    clearInterval(writes);
    unlock();
    expect(first.ms).to.be.below(900); // the next look at all runs is after a second
    expect(second.ms - first.ms).to.be.above(450);
    await events.return(undefined);
  });

  it("tells how a process ended that an action has started", async () => {
    folder.write({ "configs/a.yaml": "", "no.cjs": "console.error('refused'); process.exit(2)" });
    const program = [process.execPath, folder.path("no.cjs")];
    const actions = { token: "known", program, directory: folder.path() };
    const dashboard = await open(folder.path(), { actions });
    const events = listen(dashboard);
    await events.next();
    const headers = { authorization: "Bearer known" };
    const body = { file: "configs/a.yaml" };
    const { json } = await dashboard.send("POST", "/api/actions/start", body, headers);
    const { value } = await events.next();
    expect(value.name).to.equal("actions");
    expect(value.data).to.deep.equal({ ...json.started, exitCode: 2, output: "refused\n" });
    await events.return(undefined);
  });

  it("ends when the server does, though browsers are still there", async () => {
    const dashboard = await open(folder.path());
    const events = listen(dashboard);
    await events.next();
    await dashboard.app.close();
    expect((await events.next()).done).to.equal(true);
  });
});
