import { expect } from "chai";
import { describe, it } from "mocha";

import {
  isSecretName,
  redactCommand,
  redactSecrets,
} from "../../../framework/tracking/redactSecrets.ts";

const letters = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";

describe("redactSecrets()", () => {
  it("takes the values of keys and tokens out of a text", () => {
    const environment = {
      WANDB_API_KEY: "0123456789abcdef",
      HF_TOKEN: "hf_0123456789abcd",
      EMPTY_TOKEN: "",
      USER: "somebody",
    };
    const text = "run --key 0123456789abcdef --user somebody hf_0123456789abcd";
    expect(redactSecrets(text, environment)).to.equal(
      "run --key [redacted] --user somebody [redacted]",
    );
  });

  it("takes a value out however it is written: in JSON, in an address, within a longer one", () => {
    const environment = {
      A_TOKEN: 'pa"ss&wörd\\0123456789',
      B_SECRET: 'pa"ss&wörd\\0123456789-and-more',
    };
    const { A_TOKEN: value, B_SECRET: longer } = environment;
    const text = `${JSON.stringify({ value })} ?x=${encodeURIComponent(value)} ${longer}`;
    expect(redactSecrets(text, environment)).to.equal(
      '{"value":"[redacted]"} ?x=[redacted] [redacted]',
    );
  });

  const secrets: [title: string, text: string, expected: string][] = [
    [
      "a git remote's password",
      "https://me:hunter2@example.org/a.git",
      "https://[redacted]@example.org/a.git",
    ],
    [
      "a git remote's token",
      `https://${letters}@example.org/a`,
      "https://[redacted]@example.org/a",
    ],
    ["a token of Hugging Face", `got hf_${letters}.`, "got [redacted]."],
    ["a token of GitHub", `ghp_${letters}`, "[redacted]"],
    ["a token in colour", `\u001b[1;31mghp_${letters}\u001b[0m`, "\u001b[1;31m[redacted]\u001b[0m"],
    ["a key of OpenAI's form", `sk-proj-${letters}`, "[redacted]"],
    ["a key of Amazon", "AKIAABCDEFGHIJKLMNOP", "[redacted]"],
    ["a header", `Authorization: Bearer ${letters}`, "Authorization: Bearer [redacted]"],
    ["a signed address", `GET /a?x=1&signature=${letters}&y`, "GET /a?x=1&signature=[redacted]&y"],
    ["a setting", "wandb:\n  apiKey: 0123abcd4567\n  b: 1", "wandb:\n  apiKey: [redacted]\n  b: 1"],
    [
      "a signed address that a text of JSON quotes",
      JSON.stringify({ error: 'Cannot fetch "https://h/x?token=abcdefgh1234"' }),
      JSON.stringify({ error: 'Cannot fetch "https://h/x?token=[redacted]"' }),
    ],
    [
      "a password of JSON within JSON, backslashes and all",
      JSON.stringify({ body: JSON.stringify({ password: "hunter2\\hunter2" }) }),
      JSON.stringify({ body: JSON.stringify({ password: "[redacted]" }) }),
    ],
    ["a setting of JSON", '{"password": "hunter2hunter2"}', '{"password": "[redacted]"}'],
    [
      "a private key",
      "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
      "[redacted]\n",
    ],
    [
      "a private key that has a password",
      "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-256-CBC,0A\n\nMIIE\n-----END RSA PRIVATE KEY-----\n",
      "[redacted]\n",
    ],
    [
      "a private key without its end",
      "-----BEGIN PRIVATE KEY-----\nMIIE\n(cut)",
      "[redacted](cut)",
    ],
  ];
  for (const [title, text, expected] of secrets) {
    it(`takes out ${title}`, () => {
      expect(redactSecrets(text, {})).to.equal(expected);
      expect(redactSecrets(expected, {}), "again").to.equal(expected);
    });
  }

  const harmless = [
    "git@example.org:a/b.git ssh://git@example.org/a.git http://127.0.0.1:4600/?a=b",
    "commit 8fd54170123456789abcdef0123456789abcdef0 maxTokens: 1024 --max-tokens 2048",
    '{"secret": 1234567890, "password": null, "apiKey": 1.5e10}',
    "risk-analysis-of-a-model-with-a-very-long-name data.token=<cat>",
    "bearer of news; basic training",
  ];
  for (const text of harmless) {
    it(`leaves ${text}`, () => expect(redactSecrets(text, {})).to.equal(text));
  }
});

describe("redactCommand()", () => {
  it("takes out what follows an option for a secret, however short it is", () => {
    const words = [
      "seedbed",
      "run",
      "a.yaml",
      "--api-key",
      "short",
      "--seed",
      "3",
      "--password",
      "-x",
    ];
    expect(redactCommand(words, {})).to.deep.equal([
      "seedbed",
      "run",
      "a.yaml",
      "--api-key",
      "[redacted]",
      "--seed",
      "3",
      "--password",
      "-x",
    ]);
  });
});

describe("isSecretName()", () => {
  it("knows variables that hold secrets, in either case", () => {
    const names = ["WANDB_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "MYSQL_PWD"];
    const lower = ["npm_config__auth", "GITHUB_PAT", "DB_PASSWD", "openai_api_key"];
    expect([...names, ...lower].filter((name) => !isSecretName(name))).to.deep.equal([]);
  });

  it("knows others from them", () => {
    const names = ["PWD", "OLDPWD", "PATH", "SSH_AUTH_SOCK", "MAX_TOKENS", "KEYBOARD", "HOME"];
    expect(names.filter(isSecretName)).to.deep.equal([]);
  });
});
