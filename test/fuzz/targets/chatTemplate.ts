import { chatTemplate } from "../../../experiments/nano/data/chat.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { ChatTemplate } from "../../../framework/tokenizers/chatTemplate.ts";
import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

const messages = [
  { role: "system", content: "You are a bird." },
  { role: "user", content: [{ type: "text", text: "Hi" }] },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }],
  },
];
const tools = [{ type: "function", function: { name: "f", parameters: {} } }];

/** Templates may compute for as long as they like, as the threat model says. */
const mostDoublings = 8;

/** Chat templates in Jinja, which a model's folder brings along. */
export const target: FuzzTarget = {
  name: "chatTemplate",
  covers: ["framework/tokenizers/", "node_modules/@huggingface/jinja"],
  seeds: [
    chatTemplate,
    "{% for m in messages %}{{ m.role ~ ': ' ~ (m['content'] | string | trim) }}\n{% endfor %}",
    "{%- macro f(a, b=1) %}{% if a is defined and b > 0 %}{{ a | tojson(indent=2) }}{% endif %}{% endmacro %}{{ f(tools[0]) }}{% set ns = namespace(x=[1,2]) %}{{ ns.x[::-1] | join(',') }}{% if not messages %}{{ raise_exception('no') }}{% endif %}",
  ].map(textInput),
  words: [
    "{{ ",
    " }}",
    "{% ",
    " %}",
    "| ",
    "messages",
    "range(",
    "__proto__",
    "constructor",
    "['",
    "for ",
    "endfor",
  ],
  run(input) {
    const text = inputText(input);
    const doublings = text.match(/tojson/g)?.length ?? 0; // of the escapes of what was escaped
    if (doublings > mostDoublings) throw new InputError("Cannot fuzz it: it computes for long");
    return new ChatTemplate(text, { eos_token: "</s>" }).render(messages, { tools });
  },
};
