import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { setToken, token } from "../ask/token.ts";

/** Whether the token is known that actions need. */
export function useToken(): boolean {
  return token.value !== "";
}

/** Asks for the token. */
export function TokenForm(): JSX.Element {
  const [text, setText] = useState("");
  return (
    <form
      class="dialog-foot"
      onSubmit={(event) => {
        event.preventDefault();
        setToken(text.trim());
      }}
    >
      <label>
        Token that <code>seedbed ui --allow-actions</code> printed
        <span class="row">
          <input
            type="password"
            required
            autocomplete="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button class="primary">Use it</button>
        </span>
      </label>
    </form>
  );
}
