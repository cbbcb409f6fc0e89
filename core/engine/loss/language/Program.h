// A typed loss after parsing: Python's syntax, read once, cheap to copy, run by Interpreter.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::engine {

/// A stretch of source. Lines and columns count from 1; columns count code points; end_column is one past the last character.
struct SourceRange {
    int line = 0;
    int column = 0;
    int end_line = 0;
    int end_column = 0;

    bool operator==(const SourceRange&) const = default;
};

struct Parameter {
    std::string name;
    std::string annotation;             ///< as written; empty when there is none
    std::optional<Json> default_value;  ///< when the default is a number, text, None, True, False or a list of these
    bool has_default = false;
    bool keyword_only = false;
    SourceRange where;
};

struct FunctionSignature {
    std::string name;
    std::vector<Parameter> parameters;  ///< without *args and **kwargs
    SourceRange where;                  ///< the whole definition
    std::string documentation;          ///< its docstring

    [[nodiscard]] bool has_parameter(std::string_view wanted) const;
    /// "It has: gamma, weight." or "It has none.": those with a default, as a hint.
    [[nodiscard]] std::string parameters_in_words() const;
};

/// The error, placed where the range begins.
[[nodiscard]] Error at_place(Error error, const SourceRange& where);

namespace language {
struct SyntaxTree;
}

class Program {
public:
    /// The error has line and column. ErrorKind::Unsupported marks what is Python but refused here (classes, try, imports …);
    /// ErrorKind::BadInput what is not understood. At most 256 KiB of source.
    [[nodiscard]] static Result<Program> parse(std::string source);

    [[nodiscard]] const std::string& source() const;
    /// The functions defined at the top level, in order.
    [[nodiscard]] std::vector<FunctionSignature> functions() const;

    [[nodiscard]] const std::shared_ptr<const language::SyntaxTree>& tree() const { return m_tree; }

private:
    explicit Program(std::shared_ptr<const language::SyntaxTree> tree) : m_tree(std::move(tree)) {}

    std::shared_ptr<const language::SyntaxTree> m_tree;
};

}  // namespace lossmith::engine
