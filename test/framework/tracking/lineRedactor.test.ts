import { expect } from "chai";
import { describe, it } from "mocha";

import { LineRedactor } from "../../../framework/tracking/lineRedactor.ts";
import { redactSecrets } from "../../../framework/tracking/redactSecrets.ts";

const data = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
const begin = "-----BEGIN PRIVATE KEY-----";
const end = "-----END PRIVATE KEY-----";

describe("LineRedactor", () => {
  const cases: [title: string, lines: string[], expected: string[]][] = [
    [
      "takes all lines of a private key for one secret",
      ["a", begin, data, data, "abc=", end, "b"],
      ["a", "[redacted]", "b"],
    ],
    [
      "keeps what is on a key's first and last line beside it",
      [`key: "${begin}`, data, `${end}", "user": "me"`],
      ['key: "[redacted]', '", "user": "me"'],
    ],
    ["knows a key that is on one line", [`${begin}${data}${end} a`, data], ["[redacted] a", data]],
    [
      "knows a key that has a password, and says how",
      [
        "-----BEGIN RSA PRIVATE KEY-----",
        "Proc-Type: 4,ENCRYPTED",
        "",
        data,
        "-----END RSA PRIVATE KEY-----",
      ],
      ["[redacted]"],
    ],
    [
      "knows a key of PGP",
      [
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
        "Version: GnuPG v2",
        "",
        data,
        "abc=",
        "=aB3d",
        "-----END PGP PRIVATE KEY BLOCK-----",
      ],
      ["[redacted]"],
    ],
    [
      "keeps the time before each line of a key",
      [`12:00 ${begin}`, `12:00 ${data}`, `12:00 ${data}`, `12:00 ${end}`, `12:00 ${data}`],
      ["12:00 [redacted]", "12:00 [redacted]", "12:00 [redacted]", `12:00 ${data}`],
    ],
    [
      "knows the lines of a key by colours or without",
      [`\u001b[31m${begin}`, `\u001b[31m${data}\u001b[0m`, `${end}\u001b[0m`],
      ["\u001b[31m[redacted]", "\u001b[0m"],
    ],
    [
      "goes on with what comes after a key that breaks off",
      [begin, data, "Error: it broke off", data],
      ["[redacted]", "Error: it broke off", data],
    ],
    [
      "takes a word after a key's beginning for its last line, and a second one for a word",
      [`expected ${begin}`, "one", "two", data],
      ["expected [redacted]", "two", data],
    ],
  ];
  for (const [title, lines, expected] of cases) {
    it(title, () => {
      const redactor = new LineRedactor((line) => redactSecrets(line, {}));
      const kept = lines.flatMap((line) => redactor.redact(line) ?? []);
      expect(kept).to.deep.equal(expected);
    });
  }
});
