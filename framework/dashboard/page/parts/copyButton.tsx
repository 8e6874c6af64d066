import type { JSX } from "preact";

import { attempt } from "./message.tsx";

export function CopyButton({ text }: { readonly text: string }): JSX.Element {
  const copy = async (): Promise<string> => {
    await navigator.clipboard.writeText(text);
    return "Copied";
  };
  return (
    <button class="quiet copy" onClick={() => void attempt(copy)}>
      Copy
    </button>
  );
}
