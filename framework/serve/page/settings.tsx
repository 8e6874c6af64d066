import type { JSX } from "preact";

import { models, setSetting, settings, type SettingName } from "./chat.ts";

const numbers = [
  { name: "temperature", label: "Temperature", min: 0, max: 2, step: 0.1 },
  { name: "top_p", label: "Top p", min: 0, max: 1, step: 0.05 },
  { name: "max_completion_tokens", label: "Most tokens", min: 1, step: 1 },
  { name: "seed", label: "Seed", min: 0, step: 1 },
] as const;

/** Who answers, and how. */
export function Settings(): JSX.Element {
  return (
    <section class="settings" aria-label="Settings">
      <label class="stacked">
        <span>Model</span>
        <select
          value={settings.value.model}
          onChange={({ currentTarget }) => setSetting("model", currentTarget.value)}
        >
          {models.value.map((model) => (
            <option key={model}>{model}</option>
          ))}
        </select>
      </label>
      <div class="numbers">
        {numbers.map(({ name, label, ...range }) => (
          <label key={name} class="stacked">
            <span>{label}</span>
            <input
              type="number"
              placeholder="default"
              {...range}
              value={settings.value[name]}
              onInput={({ currentTarget }) => setSetting(name, currentTarget.value)}
            />
          </label>
        ))}
      </div>
      <TextSetting name="system" label="System message" rows={3} />
      <TextSetting name="tools" label="Tools, as a JSON list" rows={8} />
      <label class="stacked">
        <span>Calls</span>
        <select
          value={settings.value.tool_choice}
          onChange={({ currentTarget }) => setSetting("tool_choice", currentTarget.value)}
        >
          <option value="auto">where the model wants to</option>
          <option value="required">at least one</option>
          <option value="none">none</option>
        </select>
      </label>
    </section>
  );
}

function TextSetting({
  name,
  label,
  rows,
}: {
  readonly name: SettingName;
  readonly label: string;
  readonly rows: number;
}): JSX.Element {
  return (
    <label class="stacked">
      <span>{label}</span>
      <textarea
        class={name === "tools" ? "mono" : undefined}
        rows={rows}
        spellcheck={false}
        placeholder={
          name === "tools" ? '[{"type":"function","function":{"name":"add", …}}]' : undefined
        }
        value={settings.value[name]}
        onInput={({ currentTarget }) => setSetting(name, currentTarget.value)}
      />
    </label>
  );
}
