// Tokens into a tree, and what is Python but not in the language refused by name.
#pragma once

#include <memory>
#include <string>

#include "core/engine/loss/language/SyntaxTree.h"

namespace lossmith::engine::language {

/// Throws Fault.
[[nodiscard]] std::unique_ptr<SyntaxTree> parse_source(std::string source);

/// Gives every name of `tree` its place (SyntaxTree.h). Throws Fault.
void resolve_names(SyntaxTree& tree);

}  // namespace lossmith::engine::language
