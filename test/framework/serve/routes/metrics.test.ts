import { expect } from "chai";
import { describe, it } from "mocha";

import { languageServers } from "../../../support/languageServer.ts";
import { parsePrometheus, type PrometheusFamily } from "../../../support/prometheusText.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("GET /metrics", () => {
  const { open } = languageServers();
  const folder = temporaryFolder();

  /** Values of a family by their labels, as `a=1,b=2`. */
  function valuesOf(family: PrometheusFamily | undefined, name?: string): Record<string, number> {
    const own = family!.samples.filter((each) => name === undefined || each.name === name);
    return Object.fromEntries(
      own.map(({ labels, value }) => [
        Object.entries(labels)
          .map(([key, text]) => `${key}=${text}`)
          .join(","),
        value,
      ]),
    );
  }

  async function families(url: string): Promise<Map<string, PrometheusFamily>> {
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get("content-type")).to.match(/^text\/plain; version=0\.0\.4/);
    return parsePrometheus(await answer.text());
  }

  it("has all series before anything has happened", async () => {
    const { url } = await open();
    const all = await families(url);
    for (const name of ["prompt", "cached_prompt", "completion"]) {
      expect(valuesOf(all.get(`seedbed_${name}_tokens_total`))).to.deep.equal({ "model=nano": 0 });
    }
    for (const name of ["running", "waiting"]) {
      expect(valuesOf(all.get(`seedbed_texts_${name}`))).to.deep.equal({ "model=nano": 0 });
    }
    expect(all.get("process_resident_memory_bytes")!.samples[0]!.value).to.be.above(1e7);
    expect(all.get("process_start_time_seconds")!.samples[0]!.value).to.be.above(1e9);
    for (const { name, help } of all.values()) expect(help, name).to.not.equal("");
  });

  it("counts requests, tokens and times", async () => {
    const { url, chat } = await open();
    const first = await (await chat({ stream: false, n: 2, max_tokens: 5 })).json();
    const second = await (await chat({ stream: false, max_tokens: 3 })).json();
    await (await chat({ stream: true, max_tokens: 3 })).text();
    await (await chat({ model: "other" })).text();
    await (await fetch(`${url}/anywhere?a=1`)).text();
    const all = await families(url);
    const chats = "route=/v1/chat/completions";
    expect(valuesOf(all.get("seedbed_requests_total"))).to.deep.equal({
      [`${chats},model=nano,status=200`]: 3,
      [`${chats},model=,status=404`]: 1,
      "route=,model=,status=404": 1,
    });
    expect(valuesOf(all.get("seedbed_completion_tokens_total"))).to.deep.equal({
      "model=nano": 10 + 3 + 3,
    });
    const { prompt_tokens: prompt } = first.usage;
    expect(valuesOf(all.get("seedbed_prompt_tokens_total"))).to.deep.equal({
      "model=nano": 3 * prompt,
    });
    const cached = second.usage.prompt_tokens_details.cached_tokens;
    expect(cached).to.be.above(0);
    expect(valuesOf(all.get("seedbed_cached_prompt_tokens_total"))["model=nano"]).to.be.within(
      ...([2 * cached, 3 * prompt] as const),
    );
    const counts = (name: string): Record<string, number> =>
      valuesOf(all.get(`seedbed_${name}_seconds`), `seedbed_${name}_seconds_count`);
    expect(counts("time_to_first_token")).to.deep.equal({ "model=nano": 3 });
    expect(counts("inter_token")).to.deep.equal({ "model=nano": 2 * 4 + 2 + 2 });
    expect(counts("request_duration")).to.include({ [`${chats},model=nano`]: 3 });
  });

  it("measures what goes on in the background, after its request has been answered", async () => {
    const { url } = await open({ responseStore: { folder: folder.path("responses") } });
    const body = { model: "nano", input: "Hello?", background: true, max_output_tokens: 40 };
    const asked = await fetch(`${url}/v1/responses`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { id, ...answer } = await asked.json();
    let { status } = answer;
    while (["queued", "in_progress"].includes(status)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      ({ status } = await (await fetch(`${url}/v1/responses/${id}`)).json());
    }
    const between = (await families(url)).get("seedbed_inter_token_seconds");
    const sums = valuesOf(between, "seedbed_inter_token_seconds_sum");
    expect(sums["model=nano"]).to.be.above(0);
  });

  it("counts those who have left", async () => {
    const { url, chat } = await open();
    const left = new AbortController();
    const answer = await chat({ max_tokens: 400 }, { signal: left.signal });
    expect(answer.status).to.equal(200);
    left.abort();
    let counts: Record<string, number> = {};
    for (
      let turn = 0;
      turn < 200 && Object.keys(counts).every((key) => !key.endsWith("499"));
      turn++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      counts = valuesOf((await families(url)).get("seedbed_requests_total"));
    }
    expect(counts).to.include({ "route=/v1/chat/completions,model=nano,status=499": 1 });
  });
});
