#include "core/base/Json.h"

#include <algorithm>

#include "core/base/Files.h"

namespace lossmith {
namespace {

constexpr int deepest_nesting = 200;

int nesting_of(std::string_view text) {
    int depth = 0;
    int deepest = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return deepest;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& name) {
    if (nesting_of(text) > deepest_nesting)
        return failure(Error::bad_input("This JSON is nested more than 200 levels deep.").in_file(name));
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        const auto upto = std::min<std::size_t>(error.byte > 0 ? error.byte - 1 : 0, text.size());
        const auto before = text.substr(0, upto);
        Error wrong = Error::bad_input("This is not valid JSON.")
                          .with_hint("Check the brackets, quotes and commas just before this place.")
                          .in_file(name)
                          .at_line(1 + std::count(before.begin(), before.end(), '\n'));
        const auto line_start = before.rfind('\n');
        wrong.where.column = static_cast<std::int64_t>(line_start == std::string_view::npos ? upto + 1 : upto - line_start);
        return failure(std::move(wrong));
    } catch (const Json::exception&) {  // out_of_range: a number such as 1e999
        return failure(Error::bad_input("This JSON holds a number beyond all bounds.").in_file(name));
    }
}

std::string string_or_empty(const Json& json, const char* name) {
    if (!json.is_object()) return {};
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double number_or_zero(const Json& json, const char* name) {
    if (!json.is_object()) return 0.0;
    const auto found = json.find(name);
    return found != json.end() && found->is_number() ? found->get<double>() : 0.0;
}

Result<Json> read_json_file(const std::filesystem::path& path, std::size_t limit) {
    const std::string text = LOSSMITH_TRY(read_file(path, limit));
    return parse_json(text, path.string());
}

}  // namespace lossmith
