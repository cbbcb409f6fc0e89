#include "core/engine/inspection/ModelPair.h"

#include <algorithm>
#include <string>

#include "core/engine/model/Checkpoint.h"

namespace lossmith::engine {
namespace {

Result<Gpt2> grown_to(const Gpt2& model, std::int64_t vocabulary) {
    if (model.config().vocab_size >= vocabulary) return model;
    Checkpoint checkpoint = model.to_checkpoint();
    LOSSMITH_CHECK(grow_vocabulary(checkpoint, vocabulary));
    return Gpt2::from_checkpoint(checkpoint);
}

}  // namespace

Result<ModelPair> pair_up(const LoadedModel& base, const LoadedModel& tuned) {
    const std::int64_t shared = std::min(base.tokenizer->size(), tuned.tokenizer->size());
    for (TokenId id = 0; id < shared; ++id) {
        const auto one = base.tokenizer->bytes_of(id);
        const auto other = tuned.tokenizer->bytes_of(id);
        if (one == other) continue;
        return failure(Error::bad_input("The two models have different vocabularies: token " + std::to_string(id) + " is \"" +
                                        std::string(one) + "\" in one and \"" + std::string(other) + "\" in the other.")
                           .with_hint("Compare a model with one that it was tuned from."));
    }
    const std::int64_t size = std::max(base.model.config().vocab_size, tuned.model.config().vocab_size);
    return ModelPair{LOSSMITH_TRY(grown_to(base.model, size)), LOSSMITH_TRY(grown_to(tuned.model, size)),
                     base.tokenizer->size() > tuned.tokenizer->size() ? base.tokenizer : tuned.tokenizer};
}

}  // namespace lossmith::engine
