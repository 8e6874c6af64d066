"""Optuna's best values on the functions of objectives.ts: one JSON line for each function and sampler. Of
functions with two values, the areas that their Pareto fronts dominate. What a training reaches is asked in a
line, and read from the next one.

    python optuna_peer.py SEEDS SAMPLER[,SAMPLER] FUNCTION[,FUNCTION]
"""

import json
import math
import sys
import warnings

import numpy as np
import optuna
from optuna._hypervolume import compute_hypervolume

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


def zdt(trial, bend):
    first, *others = floats(trial, 4, 0, 1)
    g = 1 + 9 * sum(others) / 3
    return first, g * (1 - bend(first / g))


def zdt1(trial):
    return zdt(trial, math.sqrt)


def zdt2(trial):
    return zdt(trial, lambda ratio: ratio**2)


def trained(name, **point):
    print(json.dumps({"ask": name, "point": point}), flush=True)
    return float(sys.stdin.readline())


def word_class(trial):
    optimizer = trial.suggest_categorical("optimizer", ["adamW", "sgd", "muon"])
    own = "momentum" if optimizer == "sgd" else "beta"
    low, high = (0, 0.99) if optimizer == "sgd" else (0.5, 0.999)
    return trained(
        "wordClass",
        optimizer=optimizer,
        learningRate=trial.suggest_float("learningRate", 1e-4, 10, log=True),
        weightDecay=trial.suggest_float("weightDecay", 1e-6, 1, log=True),
        warmup=trial.suggest_int("warmup", 0, 60),
        smoothing=trial.suggest_float("smoothing", 0, 0.4),
        **{own: trial.suggest_float(own, low, high)},
    )


def next_letter(trial):
    return trained(
        "nextLetter",
        learningRate=trial.suggest_float("learningRate", 1e-4, 1, log=True),
        beta1=trial.suggest_float("beta1", 0, 0.99),
        beta2=trial.suggest_float("beta2", 0.8, 0.9999),
        weightDecay=trial.suggest_float("weightDecay", 1e-6, 1, log=True),
        endFactor=trial.suggest_float("endFactor", 0, 1),
        deviation=trial.suggest_float("deviation", 0.05, 5, log=True),
    )


FUNCTIONS = {"branin": (branin, 60), "hartmann6": (hartmann6, 100), "rosenbrock10": (rosenbrock10, 150), "mixed": (mixed, 80), "wordClass": (word_class, 30), "nextLetter": (next_letter, 30)}
PAIRS = {"zdt1": (zdt1, 300), "zdt2": (zdt2, 300)}
REFERENCE = np.array([1.1, 2.0])
SAMPLERS = {"tpe": optuna.samplers.TPESampler, "bayes": optuna.samplers.GPSampler, "cma_es": optuna.samplers.CmaEsSampler, "nsga2": optuna.samplers.NSGAIISampler}


def area(study):
    values = np.array([trial.values for trial in study.trials])
    within = values[(values < REFERENCE).all(axis=1)]
    return float(compute_hypervolume(within, REFERENCE)) if len(within) else 0.0


seeds, samplers, functions = int(sys.argv[1]), sys.argv[2].split(","), sys.argv[3].split(",")
for function in functions:
    is_pair = function in PAIRS
    objective, trials = PAIRS[function] if is_pair else FUNCTIONS[function]
    for sampler in samplers:
        if is_pair != (sampler == "nsga2"):
            continue
        best = []
        for seed in range(seeds):
            directions = ["minimize"] * (2 if is_pair else 1)
            study = optuna.create_study(sampler=SAMPLERS[sampler](seed=seed), directions=directions)
            study.optimize(objective, n_trials=trials)
            best.append(area(study) if is_pair else study.best_value)
        print(json.dumps({"function": function, "method": sampler, "version": optuna.__version__, "best": best}), flush=True)
