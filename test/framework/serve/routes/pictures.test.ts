import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { after, before, describe, it } from "mocha";
import OpenAI, { BadRequestError } from "openai";
import sharp from "sharp";

import { createServer } from "../../../../framework/serve/createServer.ts";
import { LanguageService } from "../../../../framework/serve/languageService.ts";
import { PictureReader } from "../../../../framework/serve/pictures/pictureReader.ts";
import { errorOf } from "../../../support/compiled.ts";
import { writeSeeingModel, writeServedModel } from "../../../support/servedModel.ts";

type Part = OpenAI.ChatCompletionContentPart;
type Message = OpenAI.ChatCompletionMessageParam;

interface Painted {
  readonly bytes: Buffer;
  readonly url: string;
}

/** A picture of one colour, and how it is sent. */
async function painted(
  background: string,
  { width = 20, height = 20, format = "png" as "png" | "jpeg" | "webp" | "gif" } = {},
): Promise<Painted> {
  const bytes = await sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format, { quality: 100 })
    .toBuffer();
  return { bytes, url: `data:image/${format};base64,${bytes.toString("base64")}` };
}

const shown = (url: string, detail?: "low" | "high" | "auto"): Part => ({
  type: "image_url",
  image_url: { url, ...(detail && { detail }) },
});
const said = (text: string): Part => ({ type: "text", text });

describe("chat completions about pictures, asked by OpenAI's own client", () => {
  let folder: string;
  const warnings: string[] = [];
  let services: LanguageService[];
  let app: FastifyInstance;
  let client: OpenAI;
  let red: Painted;
  let blue: Painted;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "seeing-"));
    const at = (name: string): string => path.join(folder, name);
    await writeServedModel(at("blind"));
    await writeSeeingModel(at("nano"));
    await writeSeeingModel(at("smol"), { style: "smolVlm" });
    const pictures = new PictureReader({ allowsPrivateAddresses: true, mostPictures: 4 });
    services = ["nano", "smol", "blind"].map((name) =>
      LanguageService.open(at(name), { name, rows: 4, pictures, drawSeed: () => 1 }),
    );
    services.push(LanguageService.open("models/nano", { name: "bundled", rows: 2 }));
    app = createServer({ services, warn: (line) => warnings.push(line) });
    const baseURL = `${await app.listen({ host: "127.0.0.1", port: 0 })}/v1`;
    client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
    [red, blue] = [await painted("red"), await painted("blue")];
  });
  after(async () => {
    await app.close();
    for (const service of services) await service.close();
    rmSync(folder, { recursive: true });
    expect(warnings).to.deep.equal([]);
  });

  async function answerTo(
    messages: Message[],
    model = "nano",
  ): Promise<{ text: string; logprobs: number[]; prompt: number; cached: number }> {
    const { choices, usage } = await client.chat.completions.create({
      ...{ model, messages, max_tokens: 8, temperature: 0, logprobs: true },
    });
    return {
      text: choices[0]!.message.content!,
      logprobs: choices[0]!.logprobs!.content!.map(({ logprob }) => logprob),
      prompt: usage!.prompt_tokens,
      cached: usage!.prompt_tokens_details!.cached_tokens!,
    };
  }
  const user = (...content: Part[]): Message => ({ role: "user", content });
  const question = said("What is it?");

  it("answers by what is in a picture", async () => {
    const ask = async ({ url }: Painted) => answerTo([user(shown(url), question)]);
    const [first, second, again] = [await ask(red), await ask(blue), await ask(red)];
    expect(first.text).to.not.equal(second.text);
    expect(again.text).to.equal(first.text);
    expect(first.prompt).to.equal(second.prompt);
  });

  it("streams what it answers without", async () => {
    const messages = [user(shown(blue.url), question)];
    const stream = client.chat.completions.stream({
      ...{ model: "nano", messages, max_tokens: 8, temperature: 0 },
      stream_options: { include_usage: true },
    });
    const { choices, usage } = await stream.finalChatCompletion();
    const whole = await answerTo(messages);
    expect(choices[0]!.message.content).to.equal(whole.text);
    expect(usage!.prompt_tokens).to.equal(whole.prompt);
  });

  it("takes the first picture of a GIF, and pictures of other formats", async () => {
    for (const format of ["gif", "webp", "jpeg"] as const) {
      const other = await painted("blue", { format });
      const asked = (url: string) => answerTo([user(shown(url), question)]);
      expect(await asked(other.url), format).to.include({ text: (await asked(blue.url)).text });
    }
  });

  it("fetches a picture, wherever its address leads on to", async () => {
    const server = createHttpServer((request, response) => {
      if (request.url === "/moved") response.writeHead(302, { location: "/red.png" }).end();
      else response.writeHead(200, { "content-type": "text/plain" }).end(red.bytes);
    });
    const at = await listening(server);
    const given = await answerTo([user(shown(red.url), question)]);
    for (const url of [`${at}/red.png`, `${at}/moved`]) {
      const { text, prompt } = await answerTo([user(shown(url), question)]);
      expect({ text, prompt }).to.deep.equal({ text: given.text, prompt: given.prompt });
    }
    server.close();
  });

  /** Tokens of a frame. */
  const frame = 4;
  for (const [width, height, tiles] of [
    [20, 20, 4], // 32 x 32
    [40, 16, 2], // 32 x 12, so 32 x 16
    [16, 90, 2],
  ] as const) {
    it(`counts ${tiles} tiles and the whole of ${width} x ${height} pixels`, async () => {
      const { url } = await painted("green", { width, height });
      const count = async (...parts: Part[]) => (await answerTo([user(...parts, question)])).prompt;
      const without = await count();
      expect(await count(shown(url, "low"))).to.equal(without + frame);
      expect(await count(shown(url, "high"))).to.equal(without + (tiles + 1) * frame);
      expect(await count(shown(url, "auto"))).to.equal(without + (tiles + 1) * frame);
      expect(await count(shown(url))).to.equal(without + (tiles + 1) * frame);
    });
  }

  it("writes frames' marks and parts of messages as a model's own template has them", async () => {
    const { url } = await painted("green", { width: 40, height: 16 });
    const { tokenizer } = services[1]!;
    const image = "<image>".repeat(frame);
    const fake = "<fake_token_around_image>";
    const texts = {
      low: `${fake}<global-img>${image}${fake}`,
      high: `${fake}<row_1_col_1>${image}${fake}<row_1_col_2>${image}\n\n${fake}<global-img>${image}${fake}`,
    };
    for (const [detail, text] of [
      ["low", texts.low],
      ["high", texts.high],
    ] as const) {
      const messages: Message[] = [
        { role: "system", content: "Be short." },
        user(said("The "), shown(url, detail), question),
      ];
      const whole = `System:Be short.<|im_end|>\nUser:The ${text}What is it?<|im_end|>\nAssistant:`;
      const { prompt } = await answerTo(messages, "smol");
      expect(prompt, detail).to.equal(tokenizer.textIds(whole).length);
    }
  });

  it("sees several pictures in their order, in any turn", async () => {
    const turns = (first: Painted, second: Painted, third: Painted): Message[] => [
      user(shown(first.url, "low"), said("and"), shown(second.url, "low")),
      { role: "assistant", content: "What a picture!" },
      user(said("And this?"), shown(third.url, "low")),
    ];
    const orders = [
      [red, blue, blue],
      [blue, red, blue],
      [blue, blue, red],
    ] as const;
    const answers = [];
    for (const order of orders) answers.push(await answerTo(turns(...order)));
    expect(new Set(answers.map(({ logprobs }) => logprobs[0]!.toFixed(3))).size).to.equal(3);
    expect(new Set(answers.map(({ prompt }) => prompt)).size).to.equal(1);
  });

  it("computes a conversation's beginning once, and that of another picture anew", async () => {
    const { url } = await painted("#123456");
    const other = await painted("#654321");
    const first = [user(said("Look: "), shown(url), said("What is the capital of it?"))];
    const before = await answerTo(first);
    const next = await answerTo([
      ...first,
      { role: "assistant", content: "France" },
      user(said("Sure?")),
    ]);
    expect(next.cached).to.be.at.least(before.prompt - 1);
    const another = await answerTo([
      user(said("Look: "), shown(other.url), said("What is the capital of it?")),
    ]);
    const start = services[0]!.tokenizer.textIds("<|im_start|>user\nLook: ").length;
    expect(another.cached).to.equal(start);
  });

  it("takes what is spelled as the image token as a text", async () => {
    const { prompt } = await answerTo([user(said("<image>"), shown(red.url, "low"))]);
    expect((await answerTo([user(said("<image>"))])).prompt).to.equal(prompt - frame);
    const spelled = await answerTo([{ role: "user", content: "<image>" }]);
    const none = await answerTo([{ role: "user", content: "" }]);
    expect(spelled.prompt - none.prompt, "more than one token").to.be.above(1);
  });

  it("answers with the bundled model", async () => {
    const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">
      <rect width="64" height="64" fill="white"/><circle cx="32" cy="32" r="20" fill="red"/></svg>`;
    const circle = await sharp(Buffer.from(drawn)).png().toBuffer();
    const url = `data:image/png;base64,${circle.toString("base64")}`;
    const asked = said("What is in the picture?");
    const answer = await answerTo([user(shown(url), asked)], "bundled");
    expect(answer.text).to.match(/\w/);
    const without = await answerTo([user(asked)], "bundled");
    expect(answer.prompt).to.equal(without.prompt + 16);
  });

  describe("refuses", () => {
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const cases: readonly (readonly [string, () => Promise<string> | string, string])[] = [
      ["base64 that is none", () => "data:image/png;base64,a*b=", "invalid_base64_image"],
      ["a data URL without base64", () => "data:image/png,abc", "invalid_image_url"],
      ["no picture at all", () => "data:image/png;base64,", "empty_image_file"],
      [
        "a text that says it is a picture",
        () => `data:image/png;base64,${base64("hello")}`,
        "invalid_image_format",
      ],
      [
        "SVG",
        () => `data:image/svg+xml;base64,${base64("<svg xmlns='http://www.w3.org/2000/svg'/>")}`,
        "invalid_image_format",
      ],
      [
        "half a picture",
        async () => {
          const noise = { type: "gaussian", mean: 100, sigma: 60 } as const;
          const create = { width: 64, height: 64, channels: 3, noise } as const;
          const whole = await sharp({ create: { ...create, background: "red" } })
            .png()
            .toBuffer();
          return `data:image/png;base64,${whole.subarray(0, 2000).toString("base64")}`;
        },
        "image_parse_error",
      ],
      ["an address of another kind", () => "file:///etc/hosts", "invalid_image_url"],
      ["an address that is none", () => "pictures/red.png", "invalid_image_url"],
      ["a user's name in it", () => "http://me:secret@127.0.0.1/red.png", "invalid_image_url"],
      [
        "a server that is not there",
        () => "http://127.0.0.1:9/red.png",
        "failed_to_download_image",
      ],
    ];
    for (const [title, url, code] of cases) {
      it(title, async () => {
        const content = [question, shown(await url())];
        const error = await refusal({ messages: [{ role: "user", content }] });
        const param = "messages[0].content[1].image_url";
        expect(error).to.include({ status: 400, code, param, type: "invalid_request_error" });
      });
    }

    it("what the schema does not have, by its field", async () => {
      const asked = (part: object) => refusal({ messages: [{ role: "user", content: [part] }] });
      const at = "messages[0].content[0]";
      const image_url = { url: red.url, detail: "huge" };
      expect(await asked({ type: "image_url", image_url })).to.include({
        param: `${at}.image_url.detail`,
      });
      expect(await asked({ type: "image_url" })).to.include({ param: `${at}.image_url` });
      expect(await asked({ type: "image_url", image_url: {} })).to.include({
        param: `${at}.image_url.url`,
      });
      expect(await asked({ type: "image_url", image_url: { url: red.url, size: 1 } })).to.include({
        ...{ param: `${at}.image_url.size`, code: "unknown_parameter" },
      });
    });

    it("too many pictures, and ones that others than users show", async () => {
      const five = Array.from({ length: 5 }, () => shown(red.url, "low"));
      expect(await refusal({ messages: [{ role: "user", content: five }] })).to.include({
        ...{ param: "messages", code: "too_many_images" },
      });
      const system = { role: "system", content: [shown(red.url)] };
      expect(await refusal({ messages: [system] })).to.include({ param: "messages[0].content" });
    });

    it("more frames than the model has room for, before any is decoded", async () => {
      const words = said("?".repeat(450));
      const alone = await client.chat.completions.create({
        ...{ model: "nano", max_tokens: 1 },
        messages: [{ role: "user", content: [words] }],
      });
      expect(alone.usage!.prompt_tokens).to.be.within(450, 511);
      const content = [words, ...Array.from({ length: 4 }, () => shown(red.url))];
      const error = await refusal({ messages: [{ role: "user", content }] });
      expect(error).to.include({ param: "messages", code: "context_length_exceeded" });
    });

    it("pictures for a model that does not see", async () => {
      const messages = [{ role: "user", content: [shown(red.url)] }];
      const error = await refusal({ model: "blind", messages });
      expect(error).to.include({ status: 400, param: "messages[0].content" });
      expect(error.message).to.include("does not take content parts of type 'image_url'");
    });

    /** The error of a request. */
    async function refusal(body: object): Promise<BadRequestError> {
      const sent = client.post("/chat/completions", { body: { model: "nano", ...body } });
      const error = await errorOf(Promise.resolve(sent));
      if (error instanceof BadRequestError) return error;
      throw error;
    }
  });
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}
