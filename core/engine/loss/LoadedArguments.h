// Tensors and token lists that a loss is given from files: `costs: torch.Tensor = None` and `rude: TokenList = None` in its first line.
#pragma once

#include <map>
#include <string>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/loss/language/Program.h"
#include "core/engine/loss/language/Value.h"

namespace lossmith {
class Tokenizer;
}

namespace lossmith::engine {

using LoadedArguments = std::map<std::string, Value>;

/// "float", "int", "bool", "str", "tensor" or "token_list": what a parameter's field takes, by its annotation or else its default.
/// Empty: it has no field.
[[nodiscard]] std::string field_type(const Parameter& parameter);

/// Reads the files of those parameters that are {"file": PATH}.
///   tensor      a .safetensors file ("PATH#NAME" where it holds several), or numbers as text, .csv, .tsv or .txt: a row a line, float32
///               [rows, columns], or [rows] where there is one column
///   token_list  text, a word or phrase a line: the ids of each, with and without a space before it (where the line begins with one: with
///   it
///               alone), as a list without repetition, in the order of the lines
/// Errors name the file, and of text the line and column; a file is at most 64 MiB. `tokenizer` may be null where there is no list.
[[nodiscard]] Result<LoadedArguments> load_arguments(const FunctionSignature& function, const Json& parameters, const Tokenizer* tokenizer);

/// {NAME: {path, sha256}} of the files that parameters name; for a run's record.
[[nodiscard]] Result<Json> digests_of_files(const Json& parameters);

}  // namespace lossmith::engine
