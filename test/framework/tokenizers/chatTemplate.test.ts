import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { ChatTemplate, loadChatTemplate } from "../../../framework/tokenizers/chatTemplate.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const plain =
  "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";
const messages = [{ role: "user", content: "hi" }];

describe("ChatTemplate", () => {
  it("writes a conversation, with the beginning of an answer unless told otherwise", () => {
    const template = new ChatTemplate(plain, { bos_token: "<s>" });
    expect(template.render(messages)).to.equal("<s>user: hi\nassistant:");
    expect(template.render(messages, { addGenerationPrompt: false })).to.equal("<s>user: hi\n");
  });

  it("takes the template for tools where there are tools and such a template", () => {
    const sources = new Map([
      ["default", "plain"],
      ["tool_use", "{{ tools | length }} tools"],
    ]);
    const template = new ChatTemplate(sources);
    expect(template.render(messages)).to.equal("plain");
    expect(template.render(messages, { tools: [{}, {}] })).to.equal("2 tools");
  });

  it("hands on other variables", () => {
    const template = new ChatTemplate("{{ mood }}");
    expect(template.render([], { variables: { mood: "calm" } })).to.equal("calm");
  });

  it("says why a template refuses a conversation, or is none", () => {
    const strict = new ChatTemplate("{{ raise_exception('roles must alternate') }}");
    expect(() => strict.render(messages)).to.throw(
      InputError,
      "Cannot write the conversation: roles must alternate",
    );
    expect(() => new ChatTemplate("{% if %}")).to.throw(InputError, "Cannot read chat template: ");
  });
});

describe("loadChatTemplate()", () => {
  const folder = temporaryFolder();
  const settings = { bos_token: { content: "<s>" }, chat_template: plain };

  it("reads the template and tokens from the tokenizer's settings", () => {
    folder.write({ "tokenizer_config.json": JSON.stringify(settings) });
    expect(loadChatTemplate(folder.path())!.render(messages)).to.equal("<s>user: hi\nassistant:");
  });

  it("prefers a file of its own", () => {
    folder.write({
      "tokenizer_config.json": JSON.stringify(settings),
      "chat_template.jinja": "{{ bos_token }}!",
    });
    expect(loadChatTemplate(folder.path())!.render(messages)).to.equal("<s>!");
  });

  it("reads several templates by name", () => {
    const chat_template = [{ name: "default", template: "one" }];
    folder.write({ "tokenizer_config.json": JSON.stringify({ chat_template }) });
    expect(loadChatTemplate(folder.path())!.render(messages)).to.equal("one");
  });

  it("finds none where there is none, and refuses what is no template", () => {
    expect(loadChatTemplate(folder.path())).to.equal(undefined);
    folder.write({ "tokenizer_config.json": JSON.stringify({ chat_template: 5 }) });
    expect(() => loadChatTemplate(folder.path())).to.throw(InputError, "expected chat_template");
  });
});
