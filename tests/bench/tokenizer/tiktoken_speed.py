"""tiktoken's speed on the text that bench_tokenizer measures. usage: tiktoken_speed.py VOCABULARY_FOLDER ROUNDS FILE …"""

import os
import statistics
import sys
import time

import tiktoken
from tiktoken.load import data_gym_to_mergeable_bpe_ranks

folder, rounds, files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
pattern = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
ranks = data_gym_to_mergeable_bpe_ranks(vocab_bpe_file=os.path.join(folder, "vocab.bpe"), encoder_json_file=os.path.join(folder, "encoder.json"))
encoding = tiktoken.Encoding("gpt2", pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 50256})
text = "".join(open(file, encoding="utf-8", newline="").read() for file in files)
megabytes = len(text.encode()) / 1e6
paragraphs = text.split("\n\n")
speeds = []
for _ in range(rounds):
    start = time.thread_time()
    tokens = sum(len(encoding.encode_ordinary(paragraph)) for paragraph in paragraphs)
    speeds.append(megabytes / (time.thread_time() - start))
print(f"tiktoken  {statistics.median(speeds):8.1f} MB/s on one core, median of {rounds}; {tokens} tokens")
