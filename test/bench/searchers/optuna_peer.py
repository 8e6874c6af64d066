"""Optuna's best values on the functions of objectives.ts: one JSON line for each function and sampler.

    python optuna_peer.py SEEDS SAMPLER[,SAMPLER] FUNCTION[,FUNCTION]
"""

import json
import math
import sys
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")

A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]


def floats(trial, count, low, high):
    return [trial.suggest_float(f"x{i}", low, high) for i in range(count)]


def branin(trial):
    a, b = trial.suggest_float("x0", -5, 10), trial.suggest_float("x1", 0, 15)
    bowl = (b - 5.1 / (4 * math.pi**2) * a * a + 5 / math.pi * a - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10


def hartmann6(trial):
    x = floats(trial, 6, 0, 1)
    distances = [sum(a * (v - p / 10_000) ** 2 for a, v, p in zip(A[r], x, P[r])) for r in range(4)]
    return -sum(w * math.exp(-d) for w, d in zip([1, 1.2, 3, 3.2], distances))


def rosenbrock10(trial):
    x = floats(trial, 10, -2, 2)
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(9))


def mixed(trial):
    kind = trial.suggest_categorical("kind", ["adam", "sgd", "plain"])
    rate = abs(math.log10(trial.suggest_float("rate", 1e-5, 1, log=True)) + 2.5)
    layers = abs(trial.suggest_int("layers", 1, 9) - 5) / 4
    if kind == "sgd":
        return 0.5 + rate + layers + (trial.suggest_float("momentum", 0, 1) - 0.9) ** 2
    if kind == "adam":
        return rate + layers + (trial.suggest_float("beta", 0, 1) - 0.7) ** 2
    return 1 + rate + layers


FUNCTIONS = {"branin": (branin, 60), "hartmann6": (hartmann6, 100), "rosenbrock10": (rosenbrock10, 150), "mixed": (mixed, 80)}
SAMPLERS = {"tpe": optuna.samplers.TPESampler, "bayes": optuna.samplers.GPSampler, "cma_es": optuna.samplers.CmaEsSampler}

seeds, samplers, functions = int(sys.argv[1]), sys.argv[2].split(","), sys.argv[3].split(",")
for function in functions:
    objective, trials = FUNCTIONS[function]
    for sampler in samplers:
        best = []
        for seed in range(seeds):
            study = optuna.create_study(sampler=SAMPLERS[sampler](seed=seed))
            study.optimize(objective, n_trials=trials)
            best.append(study.best_value)
        print(json.dumps({"function": function, "method": sampler, "version": optuna.__version__, "best": best}), flush=True)
