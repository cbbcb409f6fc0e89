#include "core/data/JsonFields.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lossmith {
namespace {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> previous(right.size() + 1);
    std::vector<std::size_t> current(right.size() + 1);
    std::iota(previous.begin(), previous.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        current[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j)
            current[j + 1] = std::min({previous[j + 1] + 1, current[j] + 1, previous[j] + (left[i] == right[j] ? 0U : 1U)});
        std::swap(previous, current);
    }
    return previous[right.size()];
}

const char* type_in_words(const Json& json) {
    if (json.is_null()) return "null";
    if (json.is_boolean()) return "true or false";
    if (json.is_number()) return "a number";
    if (json.is_string()) return "text";
    if (json.is_array()) return "a list";
    return "an object";
}

/// Whole numbers written as 3 or 3.0, inside [lowest, highest].
template <typename Whole>
Status read_whole(const Json& json, const std::string& path, Whole& target) {
    if (!json.is_number()) return failure(wrong_type(path, "a whole number", json));
    const auto outside = [&] {
        return failure(Error::bad_input("`" + path + "` is " + json.dump() + ", which is not a whole number from " +
                                        std::to_string(std::numeric_limits<Whole>::min()) + " to " +
                                        std::to_string(std::numeric_limits<Whole>::max()) + "."));
    };
    if (json.is_number_unsigned()) {
        const auto value = json.get<std::uint64_t>();
        if (value > static_cast<std::uint64_t>(std::numeric_limits<Whole>::max())) return outside();
        target = static_cast<Whole>(value);
        return {};
    }
    if (json.is_number_integer()) {
        const auto value = json.get<std::int64_t>();
        if (std::cmp_less(value, std::numeric_limits<Whole>::min()) || std::cmp_greater(value, std::numeric_limits<Whole>::max()))
            return outside();
        target = static_cast<Whole>(value);
        return {};
    }
    // Beyond 2^53 a double no longer says which whole number was meant.
    const double value = json.get<double>();
    if (!(std::abs(value) <= 9007199254740992.0) || value != std::floor(value) ||
        value < static_cast<double>(std::numeric_limits<Whole>::min()) || value > static_cast<double>(std::numeric_limits<Whole>::max()))
        return outside();
    target = static_cast<Whole>(value);
    return {};
}

}  // namespace

std::string nearest_name(std::string_view name, std::span<const std::string_view> known) {
    constexpr std::size_t longest_compared = 100;
    if (name.size() > longest_compared) return {};
    std::string_view best;
    std::size_t fewest = std::max<std::size_t>(2, name.size() / 2) + 1;
    for (const auto candidate : known) {
        const std::size_t edits = edit_distance(name, candidate);
        if (edits < fewest) {
            fewest = edits;
            best = candidate;
        }
    }
    return std::string(best);
}

Error unknown_field(const std::string& path, std::span<const std::string_view> known) {
    const auto dot = path.rfind('.');
    const std::string prefix = dot == std::string::npos ? "" : path.substr(0, dot + 1);
    const std::string nearest = nearest_name(std::string_view(path).substr(prefix.size()), known);
    Error error = Error::bad_input("There is no field `" + path + "`.");
    if (!nearest.empty()) return std::move(error).with_hint("Did you mean `" + prefix + nearest + "`?");
    std::string names;
    for (const auto name : known) names += (names.empty() ? "" : ", ") + std::string(name);
    return std::move(error).with_hint("The fields are: " + names + ".");
}

Error wrong_type(const std::string& path, std::string_view wanted, const Json& json) {
    const std::string subject = path.empty() ? "This" : "`" + path + "`";
    return Error::bad_input(subject + " must be " + std::string(wanted) + ", but it is " + type_in_words(json) + ".");
}

Status read_value(const Json& json, const std::string& path, Json& target) {
    if (!json.is_object()) return failure(wrong_type(path, "an object", json));
    target = json;
    return {};
}

Status read_value(const Json& json, const std::string& path, bool& target) {
    if (!json.is_boolean()) return failure(wrong_type(path, "true or false", json));
    target = json.get<bool>();
    return {};
}

Status read_value(const Json& json, const std::string& path, int& target) {
    return read_whole(json, path, target);
}
Status read_value(const Json& json, const std::string& path, std::int64_t& target) {
    return read_whole(json, path, target);
}
Status read_value(const Json& json, const std::string& path, std::uint64_t& target) {
    return read_whole(json, path, target);
}

Status read_value(const Json& json, const std::string& path, double& target) {
    if (!json.is_number()) return failure(wrong_type(path, "a number", json));
    target = json.get<double>();
    return {};
}

Status read_value(const Json& json, const std::string& path, std::string& target) {
    if (!json.is_string()) return failure(wrong_type(path, "text", json));
    target = json.get<std::string>();
    return {};
}

Status read_value(const Json& json, const std::string& path, std::vector<std::string>& target) {
    if (!json.is_array()) return failure(wrong_type(path, "a list of texts", json));
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < json.size(); ++i) {
        std::string text;
        LOSSMITH_CHECK(read_value(json[i], path + "[" + std::to_string(i) + "]", text));
        texts.push_back(std::move(text));
    }
    target = std::move(texts);
    return {};
}

Status read_value(const Json& json, const std::string& path, char& target) {
    if (!json.is_string()) return failure(wrong_type(path, "one character", json));
    const auto& text = json.get_ref<const std::string&>();
    if (text.size() != 1 || static_cast<unsigned char>(text[0]) >= 0x80)
        return failure(Error::bad_input("`" + path + "` must be one ASCII character."));
    target = text[0];
    return {};
}

}  // namespace lossmith
