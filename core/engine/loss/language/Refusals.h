// Python that the loss language leaves out, and what to write instead.
#pragma once

#include <string>
#include <string_view>

#include "core/engine/loss/language/Program.h"

namespace lossmith::engine::language {

/// Throws when `word` opens a statement that is refused: class, try, global, …. `rest` is the text after it.
void refuse_statement(std::string_view word, std::string_view rest, const SourceRange& where);

/// Throws when a name may not be used: eval, open, getattr, anything with two underscores before it.
void refuse_name(std::string_view name, const SourceRange& where);

/// Throws unless `path` may be imported.
void refuse_import(std::string_view path, const SourceRange& where);

/// Whether an import of `path` means nothing here and is passed over: typing, __future__.
[[nodiscard]] bool is_idle_import(std::string_view path);

}  // namespace lossmith::engine::language
