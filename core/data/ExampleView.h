// A row after template and tokenizer, token by token: what training feeds, with what each token is and where its text stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/data/LabelMask.h"
#include "core/data/Template.h"

namespace lossmith {

enum class TokenKind { Start, Prompt, Completion, End, Padding };
[[nodiscard]] const char* name_of(TokenKind kind);  ///< "start", "prompt", "completion", "end", "padding"

struct ExampleToken {
    std::int32_t id = 0;
    std::size_t begin = 0;  ///< its bytes [begin, end) of ExampleView::text; none for start, end and padding
    std::size_t end = 0;
    TokenKind kind = TokenKind::Prompt;
    bool labelled = false;   ///< counts in the loss where something predicts it: not as the first of a row
    bool truncated = false;  ///< cut away to fit max_length: not fed
    [[nodiscard]] bool attended() const { return !truncated && kind != TokenKind::Padding; }
    bool operator==(const ExampleToken&) const = default;
};

/// Where a cell's text stands in the example's.
struct CellPlace {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const CellPlace&) const = default;
};

struct ExampleView {
    std::string text;                  ///< prompt and completion, without start, end and padding tokens
    CellPlace problem, solution;       ///< in `text`
    std::vector<ExampleToken> tokens;  ///< those cut away stand where they stood
};

/// What encode_example() and pad_example() make, laid out: the same function is behind both. `pad_to` 0: no padding.
[[nodiscard]] Result<ExampleView> view_example(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem,
                                               const std::string& solution, std::size_t max_length, std::size_t pad_to = 0,
                                               const RowLabels& by_hand = {});

/// The range of a row's own cells that these tokens cover, for a label by hand; tokens of the template's own words belong to none.
[[nodiscard]] RowLabels labels_by_hand(const ExampleView& view, std::size_t first_token, std::size_t last_token, bool labelled);

/// How the tokens of many examples are shared out. Truncated ones are counted by themselves alone.
struct ExampleShares {
    std::int64_t rows = 0;
    std::int64_t labelled = 0;         ///< counted in the loss
    std::int64_t ignored = 0;          ///< fed, not counted
    std::int64_t padding = 0;          ///< not labelled padding
    std::int64_t truncated = 0;        ///< not fed
    std::int64_t unlabelled_rows = 0;  ///< without a label that anything predicts
    void add(const ExampleView& view);
    [[nodiscard]] std::int64_t fed() const { return labelled + ignored + padding; }
    bool operator==(const ExampleShares&) const = default;
};

}  // namespace lossmith
