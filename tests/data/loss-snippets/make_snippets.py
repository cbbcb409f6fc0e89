"""Runs every snippet of snippets.txt in PyTorch and writes what it gives to expected.json.

A development oracle: run by hand with PyTorch 2.x when snippets are added; the tests read expected.json only.
Each snippet defines f; its parameters without a default are taken from INPUTS by name. Gradients are those of the sum of all
floating outputs, each element weighted by 1 + 0.1 * (position % 7). A line `# error: TEXT` says that it must fail with TEXT in the message.
"""
import inspect
import json
import math
import pathlib
import re
import sys
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent


def wave(*shape, seed=0.0):
    count = math.prod(shape)
    return torch.tensor([round(1.7 * math.sin(1.3 * i + seed) + 0.05 * i, 4) for i in range(count)]).reshape(shape)


INPUTS = {
    "x": wave(2, 3, seed=0.4),
    "y": wave(2, 3, seed=1.9),
    "y2": wave(2, 3, seed=2.5),
    "z": wave(3, 4, seed=0.9),
    "v": wave(3, seed=0.7),
    "d": wave(2, 3, seed=0.2).double(),
    "logits": wave(2, 4, 5, seed=0.1),
    "labels": torch.tensor([[1, 0, 4, 2], [3, 3, 1, 0]]),
    "ids": torch.tensor([0, 3, 1, 5, 2, 3]),
    "mask": torch.tensor([[True, False, True], [False, False, True]]),
}
NO_GRADIENT = {"y2"}


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def numbers(tensor):
    return [number(v) for v in tensor.detach().flatten().tolist()]


def encoded(value):
    if isinstance(value, torch.Tensor):
        return {"tensor": str(value.dtype)[6:], "shape": list(value.shape), "data": numbers(value)}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, float):
        return {"float": str(value)} if not math.isfinite(value) else {"float": value}
    if isinstance(value, tuple):
        return {"tuple": [encoded(v) for v in value]}
    if isinstance(value, list):
        return {"list": [encoded(v) for v in value]}
    if isinstance(value, dict):
        return {"dict": [[encoded(k), encoded(v)] for k, v in value.items()]}
    raise TypeError(f"a snippet gave {type(value)}")


def tensors_in(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return [t for v in value.values() for t in tensors_in(v)]
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in tensors_in(v)]
    return []


def gradient(backward_function):
    def decorate(forward_function):
        signature = inspect.signature(forward_function)

        class Node(torch.autograd.Function):
            @staticmethod
            def forward(ctx, *args):
                ctx.args = args
                return forward_function(*args)

            @staticmethod
            def backward(ctx, *grads):
                given = backward_function(*grads, *ctx.args)
                given = list(given) if isinstance(given, tuple) else [given]
                return tuple(given.pop(0) if isinstance(a, torch.Tensor) else None for a in ctx.args)

        def call(*args, **kwargs):
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return Node.apply(*bound.args)

        return call

    return decorate


def run(source):
    scope = {"torch": torch, "nn": nn, "F": F, "math": math, "re": re, "gradient": gradient}
    exec(compile(source, "snippet", "exec"), scope)
    f = scope["f"]
    names = [p.name for p in inspect.signature(f).parameters.values() if p.default is p.empty]
    given = {}
    for name in names:
        tensor = INPUTS[name].clone()
        if tensor.is_floating_point() and name not in NO_GRADIENT:
            tensor.requires_grad_(True)
        given[name] = tensor
    result = f(**given)
    total = None
    for tensor in tensors_in(result):
        if tensor.requires_grad:
            weights = 1 + 0.1 * (torch.arange(tensor.numel()) % 7)
            part = (tensor.flatten().double() * weights.double()).sum()
            total = part if total is None else total + part
    gradients = {}
    if total is not None:
        total.backward()
        for name, tensor in given.items():
            if tensor.requires_grad:
                gradients[name] = None if tensor.grad is None else numbers(tensor.grad)
    return names, result, gradients


def main():
    blocks = re.split(r"^### (.*)\n", (HERE / "snippets.txt").read_text(), flags=re.M)[1:]
    out = []
    for name, source in zip(blocks[::2], blocks[1::2]):
        entry = {"name": name, "source": source}
        wanted = re.search(r"^# error: (.*)$", source, flags=re.M)
        try:
            names, result, gradients = run(source)
            entry.update(arguments=names, result=encoded(result), gradients=gradients)
            if wanted:
                sys.exit(f"{name}: must fail, but gave {result}")
        except Exception as error:
            if not wanted:
                sys.exit(f"{name}: {type(error).__name__}: {error}")
            text = f"{type(error).__name__}: {error}".splitlines()[0]
            if wanted.group(1).strip() not in text:
                sys.exit(f"{name}: the error is {text}")
            entry.update(error=text, contains=wanted.group(1).strip())
        out.append(entry)
    inputs = {k: dict(encoded(v), gradient=v.is_floating_point() and k not in NO_GRADIENT) for k, v in INPUTS.items()}
    lines = ",\n".join("  " + json.dumps(e) for e in out)
    document = '{"torch": "%s", "inputs": %s,\n "snippets": [\n%s\n]}\n' % (torch.__version__, json.dumps(inputs), lines)
    (HERE / "expected.json").write_text(document)
    print(len(out), "snippets")


main()
