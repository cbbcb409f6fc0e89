#include "app/lossmith-cli/SamplingOptions.h"

namespace lossmith::cli {

void add_sampling_options(Verb verb, SamplingConfig& sampling) {
    verb.add_option("--max_new_tokens", sampling.max_new_tokens, "At most so many tokens").capture_default_str();
    verb.add_flag("--do_sample", sampling.do_sample, "Draw tokens instead of taking the most probable");
    verb.add_option("--temperature", sampling.temperature, "Above 0; logits are divided by it").capture_default_str();
    verb.add_option("--top_k", sampling.top_k, "Keep the k most probable; 0: all").capture_default_str();
    verb.add_option("--top_p", sampling.top_p, "Keep the most probable that reach this share; 1: all").capture_default_str();
    verb.add_option("--min_p", sampling.min_p, "Keep what has this share of the top probability; 0: all").capture_default_str();
    verb.add_option("--typical_p", sampling.typical_p, "Locally typical sampling; 1: off").capture_default_str();
    verb.add_option("--repetition_penalty", sampling.repetition_penalty, "1: none").capture_default_str();
    verb.add_option("--no_repeat_ngram_size", sampling.no_repeat_ngram_size, "No n-gram of this size twice; 0: may").capture_default_str();
    verb.add_option("--num_beams", sampling.num_beams, "Above 1: beam search").capture_default_str();
    verb.add_option("--length_penalty", sampling.length_penalty, "Of beam search").capture_default_str();
    verb.add_option("--stop", sampling.stop_strings, "Text that ends generation; may be given again").repeatable();
    verb.add_option("--seed", sampling.seed, "Of sampling").capture_default_str();
    verb.add_option("--precision", sampling.precision, "Of the weights: fp32, bf16 or int8").capture_default_str();
}

}  // namespace lossmith::cli
