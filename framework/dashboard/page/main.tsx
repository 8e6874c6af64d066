import "./main.css";
import { render, type VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { InfoAnswer } from "../api.ts";

function RunCount(): VNode {
  const [info, setInfo] = useState<InfoAnswer>();
  useEffect(() => {
    void fetchInfo().then(setInfo);
  }, []);
  return <h1>{info ? `${info.runs} runs` : "Seedbed"}</h1>;
}

async function fetchInfo(): Promise<InfoAnswer> {
  const response = await fetch("/api/info");
  return response.json();
}

render(<RunCount />, document.getElementById("page")!);
