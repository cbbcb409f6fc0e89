// Rows as coloured text.
#include "ui/data/ExampleText.h"

#include <QStringDecoder>

namespace lossmith::ui {

namespace {

/// Tokens are bytes; a character may be spread over several, which then make one piece.
std::vector<TextPiece> pieces_of(const Example& example, const Tokenizer& tokenizer, std::size_t first_kept, std::size_t end_kept) {
    std::vector<TextPiece> pieces;
    QStringDecoder decoder(QStringDecoder::Utf8);  // keeps the bytes of a character that is not whole yet
    for (std::size_t index = 0; index < example.input_ids.size(); ++index) {
        const TokenId id = example.input_ids[index];
        const std::string_view bytes = tokenizer.bytes_of(id);
        QString text = decoder.decode(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
        if (text.isEmpty() && index + 1 < example.input_ids.size()) continue;
        pieces.push_back(
            {std::move(text), example.labels[index] != ignore_index, tokenizer.is_special(id), index < first_kept || index >= end_kept});
    }
    return pieces;
}

}  // namespace

Result<ExampleText> example_text(const TemplateSpec& spec, const Tokenizer& tokenizer, const Row& row, std::size_t max_length) {
    const Example whole = LOSSMITH_TRY(encode_example(spec, tokenizer, row.problem, row.solution, 0));
    const Example fed = LOSSMITH_TRY(encode_example(spec, tokenizer, row.problem, row.solution, max_length));
    const bool from_left = spec.truncation_side == TruncationSide::Left;
    const std::size_t first_kept = from_left ? fed.truncated_tokens : 0;
    ExampleText text;
    text.pieces = pieces_of(whole, tokenizer, first_kept, first_kept + fed.input_ids.size());
    text.tokens = fed.input_ids.size();
    text.labelled_tokens = fed.labelled_tokens();
    return text;
}

Result<std::shared_ptr<const Tokenizer>> tokenizer_for(const TemplateSpec& spec) {
    return TokenizerOnce().of(spec);
}

Result<std::shared_ptr<const Tokenizer>> TokenizerOnce::of(const TemplateSpec& spec) {
    const std::lock_guard lock(m_mutex);
    if (!m_plain) m_plain = LOSSMITH_TRY(Tokenizer::gpt2());
    return spec.added_tokens.empty() ? m_plain : m_plain->with_added_tokens(spec.added_tokens);
}

Result<std::vector<int>> example_lengths(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::vector<Row>& rows,
                                         const CancellationToken& cancelled) {
    std::vector<int> lengths;
    lengths.reserve(rows.size());
    for (const Row& row : rows) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const Example example = LOSSMITH_TRY(encode_example(spec, tokenizer, row.problem, row.solution, 0));
        lengths.push_back(static_cast<int>(example.input_ids.size()));
    }
    return lengths;
}

}  // namespace lossmith::ui
