import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { setKey } from "./chat.ts";

/** Asks for the key that the server wants. */
export function KeyForm(): JSX.Element {
  const [typed, setTyped] = useState("");
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        void setKey(typed.trim());
      }}
    >
      <label class="field">
        <span>This server wants a key</span>
        <input
          type="password"
          autoComplete="off"
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <button class="primary">Use</button>
    </form>
  );
}
