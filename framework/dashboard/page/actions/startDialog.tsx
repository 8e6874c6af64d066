import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { ProjectFiles } from "../../api.ts";
import { ask, AskError } from "../ask/ask.ts";
import { setToken } from "../ask/token.ts";
import { Dialog } from "../parts/dialog.tsx";
import { attempt } from "../parts/message.tsx";
import { Loading } from "../parts/notice.tsx";
import { act } from "./act.ts";
import { TokenForm, useToken } from "./tokenForm.tsx";

/** Starts a run of a spec, or a sweep, of the project. */
export function StartDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const known = useToken();
  return (
    <Dialog title="Start a run or a sweep" onClose={onClose}>
      {known ? <StartForm onClose={onClose} /> : <TokenForm />}
    </Dialog>
  );
}

function StartForm({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const files = useProjectFiles();
  const [file, setFile] = useState("");
  const [overrides, setOverrides] = useState("");
  const [parallel, setParallel] = useState("1");
  if (!files) return <Loading rows={3} />;
  const isSweep = files.sweeps.includes(file);
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    const words = overrides.split(/\s+/).filter(Boolean);
    const query = isSweep
      ? { file, parallel: Number(parallel) }
      : { file, ...(words.length > 0 && { overrides: words }) };
    if (await attempt(() => act("/api/actions/start", query))) onClose();
  };
  return (
    <form class="start-form" onSubmit={(event) => void start(event)}>
      <label>
        Spec or sweep
        <select required value={file} onChange={(event) => setFile(event.currentTarget.value)}>
          <option value="">Choose a file</option>
          <optgroup label="Runs">{files.specs.map(fileOption)}</optgroup>
          <optgroup label="Sweeps">{files.sweeps.map(fileOption)}</optgroup>
        </select>
      </label>
      {isSweep ? (
        <label>
          Trials at once
          <input
            type="number"
            min="1"
            max="64"
            value={parallel}
            onInput={(event) => setParallel(event.currentTarget.value)}
          />
        </label>
      ) : (
        <label>
          Overrides
          <input
            class="mono"
            placeholder="seed=3 trainer.maxSteps=100"
            value={overrides}
            onInput={(event) => setOverrides(event.currentTarget.value)}
          />
        </label>
      )}
      <button class="primary">Start</button>
    </form>
  );
}

const fileOption = (file: string): JSX.Element => (
  <option key={file} value={file}>
    {file}
  </option>
);

function useProjectFiles(): ProjectFiles | undefined {
  const [files, setFiles] = useState<ProjectFiles>();
  useEffect(() => {
    void attempt(async () => {
      try {
        setFiles(await ask<ProjectFiles>("/api/actions/files"));
      } catch (error) {
        if (error instanceof AskError && error.status === 403) setToken("");
        throw error;
      }
    });
  }, []);
  return files;
}
