import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Page } from "playwright-core";
import sharp from "sharp";

import { addKey } from "../../framework/serve/keys/keyFile.ts";
import { KeyRing } from "../../framework/serve/keys/keyRing.ts";
import { LanguageService } from "../../framework/serve/languageService.ts";
import { languageServers } from "../support/languageServer.ts";
import { browserPages } from "./support/browser.ts";

const tool = {
  type: "function",
  function: {
    name: "add",
    parameters: {
      type: "object",
      properties: { a: { type: "integer", minimum: 0, maximum: 9 } },
      required: ["a"],
      additionalProperties: false,
    },
  },
};

describe("the playground", () => {
  const { open } = languageServers();
  const openPage = browserPages();
  let folder = "";
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "playground-"))));
  after(() => rmSync(folder, { recursive: true }));

  const say = async (page: Page, text: string): Promise<void> => {
    await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
    await page.keyboard.press("Enter");
  };
  const answered = (page: Page): Promise<void> =>
    page.getByRole("button", { name: "Send" }).waitFor();

  it("chats, counts, calls functions and takes their results", async () => {
    const { url } = await open();
    const { page, problems, close } = await openPage(url);
    await page.getByRole("option", { name: "nano" }).waitFor({ state: "attached" });
    await page.getByLabel("Most tokens").fill("60");
    await page.getByLabel("Seed").fill("3");
    await say(page, "What is <b>the</b> capital?");
    await answered(page);
    const items = page.locator(".message");
    expect(await items.count()).to.equal(2);
    expect(await items.first().locator(".said").textContent()).to.equal(
      "What is <b>the</b> capital?",
    );
    const counts = page.getByLabel("Tokens", { exact: true });
    await counts.getByText(/Last answer: \d+ tokens in \(\d+ cached\), \d+ out/).waitFor();

    await page.getByLabel("Tools, as a JSON list").fill(JSON.stringify([tool]));
    await page.getByLabel("Calls").selectOption("required");
    await say(page, "Add");
    await page.getByLabel("Call of add").first().waitFor();
    const results = page.getByLabel("Result of add");
    await results.first().waitFor();
    for (const result of await results.all()) await result.fill("3");
    await page.getByLabel("Calls").selectOption("none");
    await page.getByRole("button", { name: "Go on" }).click();
    await answered(page);
    expect(await page.locator(".message-tool .said").first().textContent()).to.equal("3");
    expect(await items.last().locator("h2").textContent()).to.equal("Model");
    expect(problems).to.deep.equal([]);
    await close();
  });

  it("shows pictures that are sent, and what the server says to them", async () => {
    const { url } = await open();
    const { page, close } = await openPage(url);
    await page.getByRole("option", { name: "nano" }).waitFor({ state: "attached" });
    const onePixel = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    await page.getByLabel("Pictures").setInputFiles({
      ...{ name: "a.gif", mimeType: "image/gif", buffer: Buffer.from(onePixel, "base64") },
    });
    await page.getByRole("button", { name: "Remove picture 1" }).waitFor();
    await say(page, "What is this?");
    const picture = page.getByAltText("Picture that was sent");
    expect(await picture.getAttribute("src")).to.equal(`data:image/gif;base64,${onePixel}`);
    await page.getByRole("alert").waitFor(); // this model has no eyes
    await close();
  });

  it("shows pictures to a model that sees them, which stay in the conversation", async () => {
    const models = path.resolve(import.meta.dirname, "../../models");
    const service = LanguageService.open(path.join(models, "nano"), { name: "nano", rows: 1 });
    try {
      const { url } = await open({ services: [service] });
      const { page, problems, close } = await openPage(url);
      await page.getByRole("option", { name: "nano" }).waitFor({ state: "attached" });
      const circle = `<svg width="128" height="128"><circle cx="64" cy="64" r="44" fill="red"/></svg>`;
      const buffer = await sharp(Buffer.from(circle))
        .flatten({ background: "white" })
        .png()
        .toBuffer();
      const picture = { name: "circle.png", mimeType: "image/png", buffer };
      await page.getByLabel("Temperature").fill("0");
      await page.getByLabel("Pictures").setInputFiles(picture);
      await page.getByRole("button", { name: "Remove picture 1" }).waitFor();
      await say(page, "What is in the picture?");
      await page.getByText(/Last answer: \d\d+ tokens in \(0 cached\), [1-9]/).waitFor();
      await answered(page);
      expect(await page.getByRole("alert").count()).to.equal(0);
      await say(page, "Thank you.");
      await page.getByText(/Last answer: \d+ tokens in \((?!0 cached)/).waitFor();
      expect(problems).to.deep.equal([]);
      await close();
    } finally {
      await service.close();
    }
  });

  it("asks for a key where the server does, and keeps it for the tab alone", async () => {
    const file = path.join(folder, "keys.json");
    const key = addKey(file, { name: "ada", createdAt: "" });
    const { url } = await open({ keys: new KeyRing(file, { warn: () => {} }) });
    const { page, close } = await openPage(url);
    await page.getByLabel("This server wants a key").fill("sk-wrong");
    await page.keyboard.press("Enter");
    await page.getByText("Incorrect API key provided.").waitFor();
    await page.getByLabel("This server wants a key").fill(key);
    await page.keyboard.press("Enter");
    await page.getByText("Say something to the model.").waitFor();
    await page.getByLabel("Most tokens").fill("4");
    await say(page, "Hi");
    await page.getByText(/Last answer: [1-9]/).waitFor();
    expect(await page.evaluate(() => JSON.stringify(localStorage))).to.not.include(key);
    await close();
  });

  it("loads nothing from elsewhere, and can be used with the keyboard alone", async () => {
    const { url } = await open();
    const { page, close } = await openPage("about:blank");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    const answer = await page.goto(url);
    await page.getByRole("option", { name: "nano" }).waitFor({ state: "attached" });
    expect(answer!.headers()["content-security-policy"]).to.include("default-src 'self'");
    const others = asked.filter((each) => !each.startsWith(url) && !each.startsWith("data:"));
    expect(others).to.deep.equal([]);
    const names: string[] = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press("Tab");
      names.push(
        await page.evaluate(() => {
          const { activeElement: element } = document;
          if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
            return element.labels?.[0]?.textContent?.trim() || (element.ariaLabel ?? "");
          }
          return element?.tagName ?? "";
        }),
      );
    }
    expect(names).to.include.members(["Temperature", "System message", "Message", "Pictures"]);
    await close();
  });
});
