#include "core/engine/loss/LoadedArguments.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/base/Files.h"
#include "core/config/LossSpec.h"
#include "core/engine/model/Safetensors.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t{64} << 20U;

Result<std::string> text_of(const std::string& path) {
    std::error_code code;
    if (!fs::is_regular_file(path, code)) return failure(Error::not_found("There is no file to load the argument from.").in_file(path));
    return read_file(path, largest_file);
}

std::vector<std::string_view> lines_in(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Numbers with commas, semicolons, tabs or blanks between.
Result<at::Tensor> numbers_from_text(const std::string& text, const std::string& path) {
    std::vector<float> values;
    std::int64_t columns = 0;
    std::int64_t rows = 0;
    int number = 0;
    for (const std::string_view line : lines_in(text)) {
        ++number;
        std::int64_t in_line = 0;
        for (std::size_t at = 0; (at = line.find_first_not_of(",;\t ", at)) != std::string_view::npos;) {
            const std::size_t end = std::min(line.find_first_of(",;\t ", at), line.size());
            const std::string cell(line.substr(at, end - at));
            char* stopped = nullptr;
            const double value = std::strtod(cell.c_str(), &stopped);
            Error wrong = Error::bad_input("\"" + cell.substr(0, 40) + "\" is not a number.")
                              .with_hint("Each line must hold numbers alone, as many as the first.");
            wrong.where.column = static_cast<int>(at) + 1;
            if (*stopped != '\0' || !std::isfinite(value)) return failure(std::move(wrong).in_file(path).at_line(number));
            values.push_back(static_cast<float>(value));
            ++in_line;
            at = end;
        }
        if (in_line == 0) continue;
        if (rows > 0 && in_line != columns)
            return failure(Error::bad_input("This line has " + std::to_string(in_line) + " numbers, but the first has " +
                                            std::to_string(columns) + ".")
                               .in_file(path)
                               .at_line(number));
        columns = in_line;
        ++rows;
    }
    if (rows == 0) return failure(Error::bad_input("The file holds no numbers.").in_file(path));
    const at::Tensor flat = at::tensor(values, at::kFloat);
    return columns == 1 ? flat : flat.view({rows, columns});
}

Result<at::Tensor> tensor_from_safetensors(const std::string& path, const std::string& name) {
    std::error_code code;
    if (const auto size = fs::file_size(path, code); !code && size > largest_file)
        return failure(Error::bad_input("The file is larger than 64 MiB.").in_file(path));
    const auto file = LOSSMITH_TRY(SafetensorsFile::open(path));
    if (!name.empty() && file.contains(name)) return file.tensor(name);
    std::string names;
    for (const std::string& each : file.names()) names += (names.empty() ? "" : ", ") + each;
    if (!name.empty())
        return failure(
            Error::bad_input("The file has no tensor \"" + name + "\".").in_file(path).with_hint("It has: " + names.substr(0, 400) + "."));
    if (file.names().size() != 1)
        return failure(Error::bad_input("The file holds " + std::to_string(file.names().size()) + " tensors.")
                           .in_file(path)
                           .with_hint("Say which one: PATH#NAME. It has: " + names.substr(0, 400) + "."));
    return file.tensor(file.names().front());
}

Result<at::Tensor> tensor_from_file(const std::string& given) {
    const std::size_t hash = given.rfind('#');
    const bool named = hash != std::string::npos && given.substr(0, hash).ends_with(".safetensors");
    const std::string path = named ? given.substr(0, hash) : given;
    if (path.ends_with(".safetensors")) return tensor_from_safetensors(path, named ? given.substr(hash + 1) : std::string());
    const std::string text = LOSSMITH_TRY(text_of(path));
    return numbers_from_text(text, path);
}

Result<Value> token_list_from_file(const std::string& path, const Tokenizer& tokenizer) {
    const std::string text = LOSSMITH_TRY(text_of(path));
    std::vector<Value> ids;
    std::set<TokenId> seen;
    for (std::string_view line : lines_in(text)) {
        while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
        if (line.empty()) continue;
        const std::string word(line);
        // A line that begins with a space means that form alone.
        const std::vector<std::string> forms = line.starts_with(' ') ? std::vector{word} : std::vector{word, " " + word};
        for (const std::string& form : forms)
            for (const TokenId id : tokenizer.encode(form, SpecialTokens::AsTokens))
                if (seen.insert(id).second) ids.emplace_back(static_cast<std::int64_t>(id));
    }
    if (ids.empty()) return failure(Error::bad_input("The file holds no words.").in_file(path).with_hint("Write a word or phrase a line."));
    return Value::list(std::move(ids));
}

/// The file's place as part of the sentence: a place of its own would be taken for one in the loss.
Error told_with_its_file(Error error) {
    error.message = describe(error);
    error.where = {};
    return error;
}

}  // namespace

std::string field_type(const Parameter& parameter) {
    const std::string& type = parameter.annotation;
    if (type == "float" || type == "int" || type == "bool" || type == "str") return type;
    if (type == "torch.Tensor" || type == "Tensor") return "tensor";
    if (type == "TokenList") return "token_list";
    if (!parameter.default_value) return {};
    const Json& value = *parameter.default_value;
    return value.is_boolean() ? "bool" : value.is_number_integer() ? "int" : value.is_number() ? "float" : value.is_string() ? "str" : "";
}

Result<LoadedArguments> load_arguments(const FunctionSignature& function, const Json& parameters, const Tokenizer* tokenizer) {
    LoadedArguments loaded;
    for (const Parameter& parameter : function.parameters) {
        if (!parameters.contains(parameter.name)) continue;
        const std::string path = file_of_parameter(parameters.at(parameter.name));
        if (path.empty()) continue;
        const std::string type = field_type(parameter);
        if (type == "tensor") {
            const auto tensor = tensor_from_file(path);
            if (!tensor) return failure(told_with_its_file(tensor.error()));
            loaded.emplace(parameter.name, Value(*tensor));
        } else if (type == "token_list") {
            if (tokenizer == nullptr)
                return failure(Error::bad_input("A list of words needs a model's tokenizer, and there is none here.").in_file(path));
            auto list = token_list_from_file(path, *tokenizer);
            if (!list) return failure(told_with_its_file(list.error()));
            loaded.emplace(parameter.name, *std::move(list));
        } else {
            Error wrong = Error::bad_input("The argument " + parameter.name + " is not loaded from a file.")
                              .with_hint("Write " + parameter.name + ": torch.Tensor = None, or " + parameter.name +
                                         ": TokenList = None, for one that is.");
            return failure(at_place(std::move(wrong), parameter.where));
        }
    }
    return loaded;
}

Result<Json> digests_of_files(const Json& parameters) {
    Json digests = Json::object();
    for (const auto& [name, value] : parameters.items()) {
        std::string path = file_of_parameter(value);
        if (path.empty()) continue;
        if (const std::size_t hash = path.rfind('#'); hash != std::string::npos && path.substr(0, hash).ends_with(".safetensors"))
            path.resize(hash);
        const std::string digest = LOSSMITH_TRY(sha256_of_file(path));
        digests[name] = {{"path", path}, {"sha256", digest}};
    }
    return digests;
}

}  // namespace lossmith::engine
