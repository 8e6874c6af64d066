import { chatTemplate } from "../../../experiments/nano/data/chat.ts";
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
  run: (input) =>
    new ChatTemplate(inputText(input), { eos_token: "</s>" }).render(messages, { tools }),
};
