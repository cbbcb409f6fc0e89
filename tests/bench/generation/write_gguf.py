"""A GPT-2 folder of Hugging Face's as a GGUF file for llama.cpp, so that both generate from the same weights.

usage: write_gguf.py MODEL_FOLDER fp32|bf16|int8 OUT.gguf

Matrices are stored as F32, BF16 or Q8_0, everything else as F32; there is no vocabulary in the file, which a benchmark does without. Needs
numpy and gguf; nothing of Lossmith itself does.
"""

import json
import pathlib
import struct
import sys

import gguf
import numpy

PRECISIONS = {"fp32": gguf.GGMLQuantizationType.F32, "bf16": gguf.GGMLQuantizationType.BF16, "int8": gguf.GGMLQuantizationType.Q8_0}
NAMES = {
    "ln_1": "attn_norm",
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}


def read_safetensors(path):
    blob = path.read_bytes()
    (length,) = struct.unpack("<Q", blob[:8])
    header = json.loads(blob[8:8 + length])
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        yield name.removeprefix("transformer."), numpy.frombuffer(blob[begin:end], dtype="<f4").reshape(entry["shape"])


def name_in_gguf(name):
    if name.startswith("h."):
        _, layer, rest = name.split(".", 2)
        part, kind = rest.rsplit(".", 1)
        return f"blk.{layer}.{NAMES[part]}.{kind}"
    part, kind = name.rsplit(".", 1)
    return {"wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "lm_head": "output"}[part] + "." + kind


def main():
    folder, precision, out = pathlib.Path(sys.argv[1]), PRECISIONS[sys.argv[2]], sys.argv[3]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    writer = gguf.GGUFWriter(out, "gpt2")
    writer.add_block_count(config["n_layer"])
    writer.add_context_length(config["n_positions"])
    writer.add_embedding_length(config["n_embd"])
    writer.add_feed_forward_length(config.get("n_inner") or 4 * config["n_embd"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    for name, tensor in read_safetensors(folder / "model.safetensors"):
        matrix = tensor.ndim == 2 and name != "wpe.weight"
        if matrix and name.startswith("h."):
            tensor = tensor.T  # Conv1D's [in, out]
        tensor = numpy.ascontiguousarray(tensor)
        if matrix and precision != gguf.GGMLQuantizationType.F32:
            writer.add_tensor(name_in_gguf(name), gguf.quants.quantize(tensor, precision), raw_dtype=precision)
        else:
            writer.add_tensor(name_in_gguf(name), tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
