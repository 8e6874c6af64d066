"""Reads logs as TensorBoard and W&B themselves do: a line of JSON on standard input is a question,
a line on standard output its answer. Floats are the hexadecimal digits of their bytes."""

import json
import logging
import os
import subprocess
import sys

import numpy as np
import wandb
from google.protobuf import text_format
from tensorboard.backend.event_processing import event_accumulator, event_file_loader
from tensorboard.util import tensor_util
from wandb.proto import wandb_internal_pb2

logging.getLogger("tensorboard").setLevel(logging.ERROR)
wandb_core = os.path.join(os.path.dirname(wandb.__file__), "bin", "wandb-core")


def content(tensor):
    array = tensor_util.make_ndarray(tensor)
    if array.dtype in (np.float32, np.float64):
        return array.tobytes().hex()
    return [bytes(each).hex() for each in array.reshape(-1).tolist()]


def events(file):
    """[step, status of the session, [[tag, content]]] of each event."""
    return [
        [event.step, event.session_log.status, [[v.tag, content(v.tensor)] for v in event.summary.value]]
        for event in event_file_loader.EventFileLoader(file).Load()
    ]


def shown(folder):
    """What TensorBoard shows of a folder: [step, content] by tag, without what a later session undid."""
    everything = {event_accumulator.TENSORS: 0}
    accumulator = event_accumulator.EventAccumulator(folder, everything)
    accumulator.Reload()
    tags = accumulator.Tags()[event_accumulator.TENSORS]
    return {
        tag: [[e.step, content(e.tensor_proto)] for e in accumulator.Tensors(tag)] for tag in tags
    }


def records(file):
    """The text of each record, and what the reader says of the file's end."""
    command = [wandb_core, "leet", "--no-observability", "--inspect", "--run-file", file]
    ended = subprocess.run(
        [*command, os.path.dirname(file)], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if ended.returncode != 0:
        raise RuntimeError(f"wandb-core ended with {ended.returncode}: {ended.stderr}")
    texts, remarks = [], []
    for line in ended.stdout.split("\n"):
        if line.startswith("# record "):
            texts.append([])
        elif line.startswith("#"):
            remarks.append(line)
        elif texts:
            texts[-1].append(line)
    return ["\n".join(text) for text in texts], remarks


def history(file):
    texts, remarks = records(file)
    rows = []
    for text in texts:
        record = text_format.Parse(text, wandb_internal_pb2.Record())
        if record.WhichOneof("record_type") != "history":
            continue
        rows.append({i.key or ".".join(i.nested_key): i.value_json for i in record.history.item})
    return {"records": len(texts), "rows": rows, "remarks": remarks}


print(json.dumps({"wandb": wandb.__version__}), flush=True)
answers = {"events": events, "shown": shown, "history": history}
for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"answer": answers[question["kind"]](question["file"])}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
