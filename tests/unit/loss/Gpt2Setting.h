// Losses made for GPT-2's vocabulary, as those of the catalogue need it that name tokens.
#pragma once

#include <memory>

#include "core/engine/loss/Loss.h"
#include "core/tokenizer/Tokenizer.h"

inline const lossmith::Tokenizer& gpt2_tokenizer() {
    static const std::shared_ptr<const lossmith::Tokenizer> tokenizer = *lossmith::Tokenizer::gpt2();
    return *tokenizer;
}

inline lossmith::engine::LossSetting gpt2_setting() {
    return {50257, 8, &gpt2_tokenizer()};
}
