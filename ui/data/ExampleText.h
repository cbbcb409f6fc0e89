// A row as the model reads it, as pieces of text that say whether they are labelled: made by the very function that makes training
// examples.
#pragma once

#include <QString>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/data/Template.h"
#include "core/project/DataStore.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::ui {

/// One or more tokens: several where only together they make a character.
struct TextPiece {
    QString text;
    bool labelled = false;
    bool special = false;
    bool cut = false;  ///< truncated away at `max_length`
};

struct ExampleText {
    std::vector<TextPiece> pieces;
    std::size_t tokens = 0;
    std::size_t labelled_tokens = 0;
};

[[nodiscard]] Result<ExampleText> example_text(const TemplateSpec& spec, const Tokenizer& tokenizer, const Row& row,
                                               std::size_t max_length);

/// The tokenizer that a template needs: GPT-2's with the template's added tokens.
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> tokenizer_for(const TemplateSpec& spec);

/// tokenizer_for() with GPT-2's vocabulary read once: a drawing asks at every key. Safe to use from several threads.
class TokenizerOnce {
public:
    [[nodiscard]] Result<std::shared_ptr<const Tokenizer>> of(const TemplateSpec& spec);

private:
    std::mutex m_mutex;
    std::shared_ptr<const Tokenizer> m_plain;
};

/// The length of each row in tokens, nothing cut. Looks at `cancelled` at each row.
[[nodiscard]] Result<std::vector<int>> example_lengths(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::vector<Row>& rows,
                                                       const CancellationToken& cancelled);

}  // namespace lossmith::ui
