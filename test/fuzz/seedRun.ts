const at = '"step":3,"epoch":0.5,"time":1767225600';
const times = { startedAt: "2026-01-01T00:00:00.000Z", heartbeatAt: "2026-01-01T00:00:00.000Z" };
const manifest = {
  ...{ formatVersion: 1, id: "run", name: "toy", specSha256: "0", status: "finished", seed: 1 },
  ...{ ...times, data: {}, summary: { a: 1 }, host: {}, versions: {}, command: [], resumes: [] },
  artifacts: [{ name: "m", type: "model", path: "../x", direction: "output" }],
};
const image = `{"file":"media/a.png","sha256":"${"a".repeat(64)}","width":1,"height":1}`;

/** A run's files, by their names. */
export const runFiles: Readonly<Record<string, string>> = {
  "manifest.json": JSON.stringify(manifest),
  "metrics.jsonl": [
    `{"kind":"metrics",${at},"metrics":{"loss":1.5,"b":"NaN"}}`,
    `{"kind":"images",${at},"key":"s","images":[${image}]}`,
    `{"kind":"histogram",${at},"key":"h","edges":[0,1],"counts":[2]}`,
    `{"kind":"table",${at},"key":"t","columns":["a"],"rows":[[1]]}`,
    `{"kind":"text",${at},"key":"x","text":"t"}`,
    `{"kind":"prCurve",${at},"key":"p","precision":[1],"recall":[0]}\n`,
  ].join("\n"),
  "spec.yaml": "name: toy\ntrainer: { maxSteps: 3 }\n",
  "notes.json": '{"tags":["a"],"notes":"n","starred":true}',
  "console.log": "line\r\x1b[31mred\n",
  "system.jsonl": '{"time":1,"cpu":0.5,"memory":[1,2]}\n',
};
