import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Icon } from "../../web/page/icon.tsx";
import { answering, messages, send } from "./chat.ts";
import { openCalls, type Message, type Part } from "./message.ts";

/** Where one says something: text and pictures, or results of the calls that are open. */
export function Composer(): JSX.Element {
  const calls = answering.value ? [] : openCalls(messages.value);
  return calls.length > 0 ? <Results key={calls[0]!.id} /> : <Words />;
}

function Words(): JSX.Element {
  const [text, setText] = useState("");
  const [pictures, setPictures] = useState<readonly string[]>([]);
  const add = async (files: FileList | null | undefined): Promise<void> => {
    const images = [...(files ?? [])].filter(({ type }) => type.startsWith("image/"));
    const urls = await Promise.all(images.map(dataUrl));
    setPictures((before) => [...before, ...urls]);
  };
  const say = (): void => {
    if (answering.value || (text.trim() === "" && pictures.length === 0)) return;
    setText("");
    setPictures([]);
    void send({ role: "user", content: contentOf(text, pictures) });
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        say();
      }}
    >
      {pictures.length > 0 && (
        <div class="row">
          {pictures.map((url, i) => (
            <button
              key={url}
              type="button"
              class="quiet"
              aria-label={`Remove picture ${i + 1}`}
              onClick={() => setPictures(pictures.filter((each) => each !== url))}
            >
              <img class="small-picture" src={url} alt="" /> <Icon name="close" />
            </button>
          ))}
        </div>
      )}
      <textarea
        aria-label="Message"
        placeholder="Message (Enter sends, Shift+Enter begins a line)"
        rows={3}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onPaste={({ clipboardData }) => void add(clipboardData?.files)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          say();
        }}
      />
      <div class="row">
        <label class="button file-button">
          Pictures
          <input
            class="visually-hidden"
            type="file"
            accept="image/*"
            multiple
            onChange={({ currentTarget }) => {
              void add(currentTarget.files).then(() => (currentTarget.value = ""));
            }}
          />
        </label>
        {answering.value ? (
          <button type="button" class="push" onClick={() => answering.value?.abort()}>
            Stop
          </button>
        ) : (
          <button class="primary push">Send</button>
        )}
      </div>
    </form>
  );
}

/** Results of the calls that the model waits for. */
function Results(): JSX.Element {
  const calls = openCalls(messages.value);
  const [results, setResults] = useState<Readonly<Record<string, string>>>({});
  const go = (): void => {
    const said = calls.map(({ id }): Message => ({
      role: "tool",
      tool_call_id: id,
      content: results[id] ?? "",
    }));
    void send(...said);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      {calls.map(({ id, function: { name } }) => (
        <label key={id} class="stacked">
          <span>Result of {name}</span>
          <textarea
            class="mono"
            rows={2}
            value={results[id] ?? ""}
            onInput={({ currentTarget }) => setResults({ ...results, [id]: currentTarget.value })}
          />
        </label>
      ))}
      <div class="row">
        <button class="primary push">Go on</button>
      </div>
    </form>
  );
}

function contentOf(text: string, pictures: readonly string[]): string | readonly Part[] {
  if (pictures.length === 0) return text;
  const shown = pictures.map((url): Part => ({ type: "image_url", image_url: { url } }));
  return text.trim() === "" ? shown : [...shown, { type: "text", text }];
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () =>
      resolve(typeof reader.result === "string" ? reader.result : ""),
    );
    reader.addEventListener("error", () =>
      reject(new Error(`Cannot read ${file.name}`, { cause: reader.error })),
    );
    reader.readAsDataURL(file);
  });
}
