import type { JSX } from "preact";

import type { Call, Message } from "./message.ts";

const speakers: Readonly<Record<Message["role"], string>> = {
  ...{ system: "System", user: "You", assistant: "Model", tool: "Result" },
};

/** What somebody said. */
export function MessageView({ message }: { readonly message: Message }): JSX.Element {
  const { role, content, tool_calls: calls = [] } = message;
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  return (
    <li class={`message message-${role}`}>
      <h2>{speakers[role]}</h2>
      {parts?.map((part, i) =>
        part.type === "text" ? (
          part.text !== "" && (
            <p key={i} class="said">
              {part.text}
            </p>
          )
        ) : (
          <img key={i} class="picture" src={part.image_url.url} alt="Picture that was sent" />
        ),
      )}
      {calls.map((call) => (
        <CallView key={call.id} call={call} />
      ))}
    </li>
  );
}

function CallView({ call: { function: called } }: { readonly call: Call }): JSX.Element {
  return (
    <pre class="call" aria-label={`Call of ${called.name}`}>
      {called.name}({called.arguments})
    </pre>
  );
}
