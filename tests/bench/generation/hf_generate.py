"""Hugging Face's generate() on the work that bench_generation gives Lossmith: the same weights, prompts and length, greedy, batches of eight.

usage: hf_generate.py MODEL_FOLDER PROMPTS.json NEW_TOKENS LIMIT

PROMPTS.json holds a list of lists of ids. Batches are taken in order, padded at the left, until LIMIT seconds have passed (at least one is).
Prints one JSON line with the new tokens a second and the ids that were generated. Needs torch and transformers; nothing of Lossmith itself does.
"""

import json
import sys
import time

import torch
import transformers

BATCH = 8


def main():
    model_folder, prompts_file = sys.argv[1:3]
    new_tokens, limit = int(sys.argv[3]), float(sys.argv[4])
    transformers.utils.logging.set_verbosity_error()
    model = transformers.GPT2LMHeadModel.from_pretrained(model_folder, dtype=torch.float32).eval()
    padding = model.config.eos_token_id
    with open(prompts_file, encoding="utf-8") as file:
        prompts = json.load(file)

    def generate(batch, count):
        longest = max(len(ids) for ids in batch)
        ids = torch.tensor([[padding] * (longest - len(row)) + row for row in batch])
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in batch])
        with torch.inference_mode():
            out = model.generate(ids, attention_mask=mask, max_new_tokens=count, min_new_tokens=count, do_sample=False, pad_token_id=padding)
        return out[:, longest:].tolist()

    generate(prompts[:BATCH], 4)
    generated, begun = [], time.perf_counter()
    for first in range(0, len(prompts), BATCH):
        generated += generate(prompts[first:first + BATCH], new_tokens)
        if time.perf_counter() - begun > limit:
            break
    seconds = time.perf_counter() - begun
    print(json.dumps({"tokens_per_second": len(generated) * new_tokens / seconds, "prompts": len(generated), "ids": generated,
                      "torch": torch.__version__, "transformers": transformers.__version__, "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
