"""Hugging Face's Trainer on the work that bench_training gives lossmith-cli: the same weights, rows, template, labels and dropout.

usage: hf_trainer.py MODEL_FOLDER ROWS.csv {fp32|bf16} STEPS BATCH WARM_UP_STEPS LIMIT [DEVICE] [PAD_TO]

On a processor without bfloat16 instructions a step in bf16 takes minutes. So the warm-up ends after LIMIT / 4 seconds if its steps are
not done by then (never before one is), and the training after LIMIT measured seconds (never before one step is measured).
Rows of a batch are padded to the longest of them, or to PAD_TO tokens, and longer ones cut to as many. Prints one JSON line; tokens are those of prompt and solution, never padding.
On a graphics card (DEVICE cuda:0) the memory told is the peak of the tensors on it.
Needs torch, transformers and accelerate; nothing of Lossmith itself does.
"""

import csv
import json
import resource
import sys
import tempfile
import time

import torch
import transformers

IGNORED = -100


def read_examples(path, tokenizer, end_of_text):
    examples = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            prompt = tokenizer("Problem: " + row["problem"] + "\nSolution:")["input_ids"]
            completion = tokenizer(" " + row["solution"])["input_ids"] + [end_of_text]
            examples.append({"input_ids": prompt + completion, "labels": [IGNORED] * len(prompt) + completion})
    return examples


class Collator:
    """Pads to the longest row of the batch, or to `length`, and counts the tokens that are no padding."""

    def __init__(self, padding, length):
        self.padding = padding
        self.length = length
        self.real_tokens = []

    def __call__(self, rows):
        if self.length:
            rows = [{name: values[:self.length] for name, values in row.items()} for row in rows]
        longest = self.length or max(len(row["input_ids"]) for row in rows)
        self.real_tokens.append(sum(len(row["input_ids"]) for row in rows))

        def padded(name, value):
            return torch.tensor([row[name] + [value] * (longest - len(row[name])) for row in rows])

        mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in rows])
        return {"input_ids": padded("input_ids", self.padding), "labels": padded("labels", IGNORED), "attention_mask": mask}


class Clock(transformers.TrainerCallback):
    def __init__(self, warm_up, limit):
        self.warm_up = warm_up
        self.limit = limit
        self.seconds = []
        self.losses = []

    def on_step_begin(self, *_, **__):
        self.begun = time.perf_counter()

    def on_step_end(self, _arguments, _state, control, **__):
        self.seconds.append(time.perf_counter() - self.begun)
        if len(self.seconds) < self.warm_up and sum(self.seconds) > self.limit / 4:
            self.warm_up = len(self.seconds)
        control.should_training_stop = control.should_training_stop or sum(self.seconds[self.warm_up:]) > self.limit

    def on_log(self, _arguments, _state, _control, logs=None, **__):
        if logs and "loss" in logs:
            self.losses.append(float(logs["loss"]))


def main():
    model_folder, rows, precision = sys.argv[1:4]
    steps, batch, warm_up, limit = (int(word) for word in sys.argv[4:8])
    on_card = len(sys.argv) > 8 and sys.argv[8] != "cpu"
    pad_to = int(sys.argv[9]) if len(sys.argv) > 9 else 0
    transformers.utils.logging.set_verbosity_error()
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder)
    model = transformers.GPT2LMHeadModel.from_pretrained(model_folder, dtype=torch.float32)
    end_of_text = model.config.eos_token_id
    examples = read_examples(rows, tokenizer, end_of_text)
    collator, clock = Collator(end_of_text, pad_to), Clock(warm_up, limit)
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            output_dir=folder, per_device_train_batch_size=batch, max_steps=steps, use_cpu=not on_card, bf16=precision == "bf16",
            learning_rate=5e-5, weight_decay=0.01, seed=42, report_to=[], save_strategy="no", logging_steps=1, disable_tqdm=True,
            dataloader_pin_memory=on_card, remove_unused_columns=False)
        trainer = transformers.Trainer(model=model, args=arguments, train_dataset=examples, data_collator=collator, callbacks=[clock])
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
    # The data loader may fetch a batch ahead, never fewer than were trained on.
    measured = slice(clock.warm_up, len(clock.seconds))
    measured_tokens = sum(collator.real_tokens[measured])
    measured_seconds = sum(clock.seconds[measured])
    card = {"card_megabytes": torch.cuda.max_memory_allocated() / 1048576} if on_card else {}
    print(json.dumps({
        "tokens_per_second": measured_tokens / measured_seconds,
        "steps": len(clock.seconds) - clock.warm_up,
        "tokens": measured_tokens,
        "seconds": measured_seconds,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "first_loss": clock.losses[0] if clock.losses else None,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "threads": torch.get_num_threads(),
        **card,
    }))


if __name__ == "__main__":
    main()
