/** @file Whether an answer is what was recorded, but for what differs from answer to answer. */
import { expect } from "chai";

type IsForm = (value: unknown, theirs: unknown) => boolean;

const isText: IsForm = (value) => typeof value === "string";
const isCount: IsForm = (value) => Number.isInteger(value) && Number(value) >= 0;
const isTime: IsForm = (value) => Number.isInteger(value) && Number(value) > 1e9;
const orNull =
  (isForm: IsForm): IsForm =>
  (value, theirs) =>
    value === null || isForm(value, theirs);
const begins =
  (beginning: RegExp): IsForm =>
  (value, theirs) => {
    const [expected] = beginning.exec(String(theirs)) ?? [theirs];
    const [found] = beginning.exec(String(value)) ?? [value];
    return found === expected;
  };

/** What says which kind of thing an id is of. A model's has nothing such, and is its name. */
const anId = begins(/^(chatcmpl-|resp_|msg_|fc_|call_)/);

/** Values of these keys differ from answer to answer; all others are exactly what was recorded. */
const forms: Readonly<Record<string, IsForm>> = {
  ...{ id: anId, item_id: anId, call_id: anId },
  ...{ created: isTime, created_at: isTime },
  system_fingerprint: begins(/^fp_/),
  ...{ content: orNull(isText), text: isText, delta: isText, token: isText, arguments: isText },
  ...{ prompt_tokens: isCount, completion_tokens: isCount, total_tokens: isCount },
  ...{ input_tokens: isCount, output_tokens: isCount, cached_tokens: isCount },
  sequence_number: isCount,
  max_output_tokens: orNull(isCount),
  logprob: (value) => typeof value === "number" && value <= 0,
  message: (value, theirs) => isText(value, theirs) && plain(value).startsWith(plain(theirs)),
};

/** A message whose numbers are the server's own; more may follow than was recorded. */
const plain = (message: unknown): string => String(message).replaceAll(/\d+/g, "0");

/** Lists of as many things as a model of chance comes to say. */
const openLists: ReadonlySet<string> = new Set(["tool_calls", "output"]);

/** Whether all that is recorded is in ours, and is the same, but for what `forms` says. */
export function expectForm(ours: unknown, theirs: unknown, at: string): void {
  const key = /[^.[\]0-9]+$/.exec(at.replaceAll(/\[\d+\]/g, ""))?.[0] ?? "";
  if (Array.isArray(theirs)) {
    expect(ours, at).to.be.an("array");
    const own = Array.from<unknown>(Object(ours));
    if (key === "bytes") expectBytes(own, Array.from<unknown>(theirs), at);
    else {
      if (openLists.has(key) && theirs.length > 0) {
        expect(own, at).to.have.length.of.at.least(theirs.length);
      } else expect(own, at).to.have.lengthOf(theirs.length);
      for (const [i, each] of theirs.entries()) expectForm(own[i], each, `${at}[${i}]`);
    }
  } else if (typeof theirs === "object" && theirs !== null) {
    expect(ours, at).to.be.an("object");
    for (const [name, each] of Object.entries(theirs)) {
      expect(ours, at).to.have.property(name);
      expectForm(Object(ours)[name], each, `${at}.${name}`);
    }
  } else if (forms[key]) {
    expect(forms[key](theirs, theirs), `form of recorded ${at}: ${String(theirs)}`).to.equal(true);
    expect(forms[key](ours, theirs), `form of ${at}: ${String(ours)}`).to.equal(true);
  } else expect(ours, at).to.equal(theirs);
}

function expectBytes(ours: readonly unknown[], theirs: readonly unknown[], at: string): void {
  for (const byte of [...ours, ...theirs]) expect(byte, at).to.be.within(0, 255);
}
