"""Writes expected.safetensors beside it: what transformers and PyTorch say of a text under the tiny GPT-2 of ../golden, in float32.

usage: make.py            needs: torch 2.13, transformers 5.23, safetensors

The second model is the first after the ten training steps of ../golden/train-final.safetensors."""
import os

import torch
from safetensors.torch import load_file, save_file
from transformers import (GPT2LMHeadModel, LogitsProcessorList, MinPLogitsWarper, NoRepeatNGramLogitsProcessor,
                          RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper,
                          TypicalLogitsWarper)

here = os.path.dirname(os.path.abspath(__file__))
golden = os.path.join(here, "..", "golden")
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

PLACES = [1, 7, 30]
STEPS = 32


def load(weights=None):
    model = GPT2LMHeadModel.from_pretrained(os.path.join(golden, "tiny-gpt2"), attn_implementation="eager", dtype=torch.float32)
    if weights is not None:
        model.load_state_dict({**model.state_dict(), **weights, "lm_head.weight": weights["transformer.wte.weight"]})
    return model.eval()


base = load()
tuned = load(load_file(os.path.join(golden, "train-final.safetensors")))
ids = torch.randint(0, 500, (1, 31), generator=torch.Generator().manual_seed(20))
expected = {"ids": ids[0].clone()}


def token_figures(prefix, logits):
    """Of each token but the first: log-probability, rank (equal logits by id) and entropy of the distribution before it; top ids."""
    log_probabilities = logits[0, :-1].double().log_softmax(-1)
    targets = ids[0, 1:]
    own = logits[0, :-1].gather(1, targets[:, None])
    lower = torch.arange(logits.shape[-1])[None] < targets[:, None]
    rank = 1 + (logits[0, :-1] > own).sum(-1) + ((logits[0, :-1] == own) & lower).sum(-1)
    expected[f"{prefix}.log_probability"] = log_probabilities.gather(1, targets[:, None])[:, 0].clone()
    expected[f"{prefix}.rank"] = rank
    expected[f"{prefix}.entropy"] = -(log_probabilities.exp() * log_probabilities).sum(-1)
    expected[f"{prefix}.top"] = logits[0].topk(5).indices.clone()


with torch.no_grad():
    out = base(ids, output_hidden_states=True, output_attentions=True)
    token_figures("base", out.logits)
    other = tuned(ids)
    token_figures("tuned", other.logits)
    p, q = other.logits[0].double().log_softmax(-1), out.logits[0].double().log_softmax(-1)
    expected["divergence"] = (p.exp() * (p - q)).sum(-1)
    expected["mean.base"], expected["mean.tuned"] = q.exp().mean(0), p.exp().mean(0)
    # The logit lens: every layer's state through ln_f and the head; the last state has come through ln_f already.
    for layer, state in enumerate(out.hidden_states):
        normed = state if layer == len(out.hidden_states) - 1 else base.transformer.ln_f(state)
        token_figures(f"lens.{layer}", base.lm_head(normed))
    for layer, attention in enumerate(out.attentions):
        expected[f"attention.{layer}"] = attention[0].clone()

# Where the loss at a place comes from: gradient times input at the token embeddings, and integrated gradients from the mean embedding.
table = base.transformer.wte.weight.detach()


def loss_at(embeddings, place):
    logits = base(inputs_embeds=embeddings).logits[:, -1]
    return -logits.log_softmax(-1)[:, ids[0, place]]


for place in PLACES:
    embeddings = table[ids[:, :place]]
    x = embeddings.clone().requires_grad_()
    loss = loss_at(x, place)
    loss.sum().backward()
    expected[f"attribution.{place}.loss"] = loss.detach()
    expected[f"attribution.{place}.gradient_x_input"] = (x.grad * embeddings).sum(-1)[0]
    baseline = table.mean(0).expand_as(embeddings)
    total = torch.zeros_like(embeddings)
    for step in range(STEPS):
        x = (baseline + (step + 0.5) / STEPS * (embeddings - baseline)).detach().requires_grad_()
        loss_at(x, place).sum().backward()
        total += x.grad
    expected[f"attribution.{place}.integrated_gradients"] = ((embeddings - baseline) * total / STEPS).sum(-1)[0]
    expected[f"attribution.{place}.baseline_loss"] = loss_at(baseline, place).detach()

# What each filter leaves, one after another, of the distribution that predicts the last token: probabilities, 0 where hidden.
history = ids[:, :30]
logits = out.logits[:, 29].detach().clone()
chain = {"repetition_penalty": RepetitionPenaltyLogitsProcessor(1.3), "no_repeat_ngram_size": NoRepeatNGramLogitsProcessor(1),
         "temperature": TemperatureLogitsWarper(0.8), "top_k": TopKLogitsWarper(60), "top_p": TopPLogitsWarper(0.95),
         "min_p": MinPLogitsWarper(0.4), "typical_p": TypicalLogitsWarper(0.9)}
plain = logits.softmax(-1)
kept, mass = [], []
for name, filter_ in chain.items():
    logits = LogitsProcessorList([filter_])(history, logits)
    kept.append(torch.isfinite(logits).sum())
    mass.append(plain[torch.isfinite(logits)].sum())
expected["filters.kept"], expected["filters.mass"] = torch.stack(kept), torch.stack(mass)
expected["filters.after"] = logits.softmax(-1)[0]

save_file({name: value.contiguous() for name, value in expected.items()}, os.path.join(here, "expected.safetensors"))
