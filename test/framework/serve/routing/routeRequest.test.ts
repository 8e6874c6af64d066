import { expect } from "chai";
import { describe, it } from "mocha";
import sharp from "sharp";

import type { Router } from "../../../../framework/serve/routing/router.ts";
import { cascade } from "../../../../framework/serve/routing/routers/cascade.ts";
import { errorOf } from "../../../support/compiled.ts";
import { easy, routedServers, routingOf, until } from "../../../support/routedServer.ts";

/** A cascade whose second thoughts come after a few tokens. */
const unsure = (score: number): Router => ({
  ...{ ...cascade({ threshold: 0.5, heldTokens: 4 }), score: () => score },
});

describe("requests that routeRequest() gives to one of two models", () => {
  const { serve, answered, running, expectIdle } = routedServers();

  it("go on to the dearest model where the cheapest is unsure, and both are paid for", async () => {
    const client = await serve({ routers: [unsure(0.7)] });
    const options = { messages: [...easy], max_tokens: 6, temperature: 0 };
    const alone = await client.chat.completions.create({ ...options, model: "full" });
    const cascaded = await client.chat.completions.create({ ...options, model: "auto" });
    expect(cascaded.model).to.equal("full");
    expect(cascaded.choices).to.deep.equal(alone.choices);
    const { attempts, cost_picodollars, score } = routingOf(cascaded);
    expect(attempts.map(({ model }) => model)).to.deep.equal(["nano", "full"]);
    expect(attempts[0]!.completion_tokens).to.equal(6);
    expect(cost_picodollars).to.equal(
      attempts.reduce((sum, each) => sum + each.cost_picodollars, 0),
    );
    expect(score).to.equal(0.7);
    expect(cascaded.usage!.completion_tokens).to.equal(attempts[1]!.completion_tokens);
  });

  it("stay with the cheapest where it is sure, word by word as it says them", async () => {
    const client = await serve({ routers: [unsure(0.3)] });
    const options = { messages: [...easy], max_tokens: 9, temperature: 0 };
    const alone = await client.chat.completions.create({ ...options, model: "nano" });
    const cascaded = await client.chat.completions.create({ ...options, model: "auto" });
    expect(cascaded.model).to.equal("nano");
    expect(cascaded.choices).to.deep.equal(alone.choices);
    expect(routingOf(cascaded).attempts).to.have.length(1);
  });

  for (const [score, model] of [
    [0.3, "nano"],
    [0.7, "full"],
  ] as const) {
    it(`are streamed from ${model} alone after the first tokens have been judged as ${score}`, async () => {
      const client = await serve({ routers: [unsure(score)] });
      const options = { messages: [...easy], max_tokens: 60, temperature: 0 };
      const alone = await client.chat.completions.create({ ...options, model });
      const stream = client.chat.completions.stream({ ...options, model: "auto" });
      const models = new Set<string>();
      stream.on("chunk", (chunk) => models.add(chunk.model));
      const { choices } = await stream.finalChatCompletion();
      expect([...models]).to.deep.equal([model]);
      expect(choices[0]!.message.content).to.equal(alone.choices[0]!.message.content);
      const [first] = answered.at(-1)!.receipt.attempts;
      const said = first!.tokens.completionTokens;
      if (model === "full") expect(said, "the first is ended early").to.be.within(4, 59);
      else expect(said).to.equal(60);
      await expectIdle();
    });
  }

  it("go on where the cheapest comes to no end", async () => {
    const client = await serve({ routers: [cascade({ threshold: 1 })] });
    const options = { model: "auto", messages: [...easy], max_tokens: 3, temperature: 0 };
    const cut = await client.chat.completions.create(options);
    expect(routingOf(cut)).to.include({ model: "full", score: 1 });
  });

  it("give no probabilities that were not asked for, and all that were", async () => {
    const client = await serve({ routers: [unsure(0.3)] });
    const options = { model: "auto", messages: [...easy], max_tokens: 3, temperature: 0 };
    const without = await client.chat.completions.create(options);
    expect(without.choices[0]!.logprobs).to.equal(null);
    const asked = { ...options, logprobs: true, top_logprobs: 2 };
    const withThem = await client.chat.completions.create(asked);
    expect(withThem.choices[0]!.logprobs!.content![2]!.top_logprobs).to.have.length(2);
  });

  for (const score of [0.3, 0.7]) {
    it(`end with their client, and are paid for as far as they went: ${score}`, async () => {
      const client = await serve({ routers: [unsure(score)] });
      const stream = await client.chat.completions.create({
        ...{ model: "auto", messages: [...easy], max_tokens: 400, seed: 2, stream: true },
      });
      let heard = 0;
      for await (const _ of stream) if (++heard === 8) break;
      await expectIdle();
      expect(answered).to.have.length(1);
      const { receipt, isWhole } = answered[0]!;
      expect(isWhole).to.equal(false);
      expect(Number(receipt.cost)).to.be.above(0);
    });
  }

  it("end also while they are judged", async () => {
    const client = await serve({ routers: [{ ...cascade(), heldTokens: 1e9 }] });
    const controller = new AbortController();
    const asked = client.chat.completions.create(
      { model: "auto", messages: [...easy], max_tokens: 450, seed: 2, stream: true },
      { signal: controller.signal },
    );
    const problem = errorOf(asked);
    await until(() => running() > 0);
    controller.abort();
    expect((await problem).constructor.name).to.equal("APIUserAbortError");
    await until(() => answered.length > 0);
    await expectIdle();
    expect(answered.map(({ isWhole }) => isWhole)).to.deep.equal([false]);
  });

  for (const name of ["nano", "full"]) {
    it(`are answered by ${name} where it alone sees their pictures, whatever the score`, async () => {
      const client = await serve({ seeing: name });
      const { data } = await sharp({
        create: { width: 8, height: 8, channels: 3, background: "red" },
      })
        .png()
        .toBuffer({ resolveWithObject: true });
      const url = `data:image/png;base64,${data.toString("base64")}`;
      const content = [{ type: "image_url", image_url: { url } }] as const;
      for (const model of ["router-rules-0", "router-rules-1", "router-cascade-0"]) {
        const answer = await client.chat.completions.create({
          ...{ model, messages: [{ role: "user", content: [...content] }], max_tokens: 2 },
        });
        expect(routingOf(answer)).to.include({ model: name, reason: "ability" });
      }
    });
  }
});
