#include "core/engine/loss/language/Program.h"

#include <algorithm>

#include "core/data/Utf8.h"
#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Parser.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t kLongestLoss = 256U << 10U;

// The default as data, where it is written as data.
std::optional<Json> literal_of(const language::Expression& node) {
    using language::ExpressionKind;
    if (node.kind == ExpressionKind::Constant) {
        const Value& value = node.constant;
        if (value.is_none()) return Json(nullptr);
        if (value.is(ValueKind::Bool)) return Json(value.as_bool());
        if (value.is(ValueKind::Int)) return Json(value.as_int());
        if (value.is(ValueKind::Float)) return Json(value.as_float());
        if (value.is(ValueKind::String)) return Json(value.as_string());
        return std::nullopt;
    }
    if (node.kind != ExpressionKind::List && node.kind != ExpressionKind::Tuple) return std::nullopt;
    Json items = Json::array();
    for (const auto& child : node.children) {
        auto item = literal_of(*child);
        if (!item) return std::nullopt;
        items.push_back(std::move(*item));
    }
    return items;
}

std::string with_plain_newlines(std::string source) {
    if (source.starts_with("\xEF\xBB\xBF")) source.erase(0, 3);
    std::string result;
    result.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r')
            result += source[i];
        else if (i + 1 >= source.size() || source[i + 1] != '\n')
            result += '\n';
    }
    return result;
}

SourceRange place_of_byte(std::string_view source, std::size_t at) {
    SourceRange where{1, 1, 1, 2};
    for (std::size_t i = 0; i < at; ++i) {
        if (source[i] == '\n') {
            ++where.line;
            where.column = 1;
        } else if ((static_cast<unsigned char>(source[i]) & 0xC0U) != 0x80U) {
            ++where.column;
        }
    }
    return where;
}

}  // namespace

Result<Program> Program::parse(std::string source) {
    if (source.size() > kLongestLoss)
        return failure(Error::bad_input("The loss is longer than 256 KiB.")
                           .with_hint("Keep data out of the text: load tensors and token lists as arguments.")
                           .at_line(1));
    source = with_plain_newlines(std::move(source));
    try {
        if (const std::size_t valid = valid_utf8_length(source); valid < source.size())
            language::not_understood(place_of_byte(source, valid), "The text is not UTF-8 here.", "Save it as UTF-8.");
        return Program(language::parse_source(std::move(source)));
    } catch (const language::Fault& fault) {
        return failure(fault.error());
    }
}

std::string FunctionSignature::parameters_in_words() const {
    std::string names;
    for (const Parameter& parameter : parameters)
        if (parameter.has_default) names += (names.empty() ? "" : ", ") + parameter.name;
    return names.empty() ? "It has none." : "It has: " + names + ".";
}

Error at_place(Error error, const SourceRange& where) {
    error.where.line = where.line;
    error.where.column = where.column;
    return error;
}

bool FunctionSignature::has_parameter(std::string_view wanted) const {
    return std::ranges::find(parameters, wanted, &Parameter::name) != parameters.end();
}

const std::string& Program::source() const {
    return m_tree->source;
}

std::vector<FunctionSignature> Program::functions() const {
    std::vector<FunctionSignature> found;
    for (const auto& statement : m_tree->top.body) {
        if (statement->kind != language::StatementKind::Function) continue;
        const language::FunctionNode& node = *statement->function;
        FunctionSignature signature;
        signature.name = node.name;
        signature.where = node.where;
        signature.documentation = node.documentation;
        for (const auto& parameter : node.parameters) {
            using Kind = language::ParameterNode::Kind;
            if (parameter.kind == Kind::Star || parameter.kind == Kind::DoubleStar) continue;
            Parameter described;
            described.name = parameter.name;
            described.annotation = parameter.annotation;
            described.has_default = parameter.default_value != nullptr;
            if (described.has_default) described.default_value = literal_of(*parameter.default_value);
            described.keyword_only = parameter.kind == Kind::KeywordOnly;
            described.where = parameter.where;
            signature.parameters.push_back(std::move(described));
        }
        // A later definition of the same name is the one that counts.
        std::erase_if(found, [&](const FunctionSignature& earlier) { return earlier.name == signature.name; });
        found.push_back(std::move(signature));
    }
    return found;
}

}  // namespace lossmith::engine
