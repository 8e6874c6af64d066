import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Icon } from "../../../web/page/icon.tsx";
import { address, setParameters } from "../address/address.ts";
import { useShortcuts } from "../keys/shortcuts.ts";

const playMs = 500;

/** The step that the address names, else the last; in the address it holds for all media. */
export function shownStep(steps: readonly number[]): number {
  const asked = address.value.parameters["step"];
  return asked === undefined ? (steps.at(-1) ?? 0) : Number(asked);
}

/** One slider for all media of all shown runs: by pointer, by keys, or played. */
export function StepSlider({ steps }: { readonly steps: readonly number[] }): JSX.Element {
  const step = shownStep(steps);
  const found = steps.findLastIndex((logged) => logged <= step);
  const index = Math.max(0, found);
  const [playing, setPlaying] = useState(false);
  const goTo = (next: number): void => {
    const target = steps[Math.max(0, Math.min(steps.length - 1, next))];
    if (target !== undefined) setParameters({ step: String(target) }, { replace: true });
  };
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => goTo(index + 1 < steps.length ? index + 1 : 0), playMs);
    return () => clearTimeout(timer);
  }, [playing, index, steps.length]);
  useShortcuts([
    { keys: ",", label: "Media of the step before", act: () => goTo(index - 1) },
    { keys: ".", label: "Media of the next step", act: () => goTo(index + 1) },
    { keys: "p", label: "Play the media", act: () => setPlaying(!playing) },
  ]);
  return (
    <div class="step-slider" role="group" aria-label="Step of all media">
      <button
        class="icon-button"
        aria-label={playing ? "Pause" : "Play"}
        onClick={() => setPlaying(!playing)}
      >
        <Icon name={playing ? "pause" : "play"} />
      </button>
      <button
        class="icon-button"
        aria-label="Step before"
        disabled={index === 0}
        onClick={() => goTo(index - 1)}
      >
        <Icon name="left" />
      </button>
      <input
        type="range"
        aria-label="Step"
        aria-valuetext={`step ${steps[index] ?? 0}`}
        min="0"
        max={Math.max(0, steps.length - 1)}
        step="1"
        value={index}
        onInput={(event) => goTo(Number(event.currentTarget.value))}
      />
      <button
        class="icon-button"
        aria-label="Next step"
        disabled={index >= steps.length - 1}
        onClick={() => goTo(index + 1)}
      >
        <Icon name="right" />
      </button>
      <output class="step-value">
        step {steps[index] ?? 0} <span class="muted">of {steps.at(-1) ?? 0}</span>
      </output>
    </div>
  );
}
