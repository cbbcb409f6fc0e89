// In which fields the configs of several runs differ.
#include "core/config/ConfigDifference.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "core/config/RunFields.h"

namespace lossmith {
namespace {

/// Leaves of nested objects by their dotted name; lists stay whole.
void flatten(const Json& json, const std::string& prefix, std::map<std::string, Json>& into) {
    for (const auto& [name, value] : json.items()) {
        const std::string key = prefix.empty() ? name : prefix + '.' + name;
        if (value.is_object())
            flatten(value, key, into);
        else
            into[key] = value;
    }
}

std::string label_of(const std::string& key) {
    const FieldKnowledge* field = find_field(key);
    if (field == nullptr) return key;
    if (!key.starts_with("sampling.")) return field->label;
    std::string label = "Sampling: " + field->label;
    label[10] = static_cast<char>(std::tolower(static_cast<unsigned char>(label[10])));
    return label;
}

/// The place of a field in the form; what is nested stands where its outer field does.
std::ptrdiff_t order_of(const std::string& key) {
    const auto& fields = run_fields();
    return std::ranges::find(fields, key.substr(0, key.find('.')), &FieldKnowledge::name) - fields.begin();
}

}  // namespace

std::vector<ConfigDifference> config_differences(const std::vector<RunConfig>& configs) {
    std::vector<std::map<std::string, Json>> flat(configs.size());
    std::set<std::string> keys;
    for (std::size_t i = 0; i < configs.size(); ++i) {
        flatten(configs[i], {}, flat[i]);
        for (const auto& [key, value] : flat[i]) keys.insert(key);
    }
    keys.erase("name");
    std::vector<ConfigDifference> differences;
    for (const std::string& key : keys) {
        ConfigDifference difference{key, label_of(key), {}};
        for (const auto& config : flat) {
            const auto found = config.find(key);
            difference.values.push_back(found == config.end() ? Json() : found->second);
        }
        const bool same = std::ranges::all_of(difference.values, [&](const Json& value) { return value == difference.values.front(); });
        if (!same) differences.push_back(std::move(difference));
    }
    std::ranges::stable_sort(differences, {}, [](const ConfigDifference& difference) { return order_of(difference.key); });
    return differences;
}

std::string value_in_words(const Json& value) {
    if (value.is_null()) return "–";
    if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
    if (value.is_number_float()) return plain_number(value.get<double>());
    if (value.is_string()) return value.get_ref<const std::string&>().empty() ? "“”" : value.get<std::string>();
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string plain_number(double value) {
    std::array<char, 64> text{};
    std::string number(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
    const auto exponent = number.find('e');
    if (exponent == std::string::npos) return number;
    // "5e-05" and "1e+20" as "5e-5" and "1e20".
    std::string digits = number.substr(exponent + 1);
    const bool negative = digits.front() == '-';
    digits.erase(0, std::min(digits.find_first_of("123456789"), digits.size() - 1));
    return number.substr(0, exponent + 1) + (negative ? "-" : "") + digits;
}

}  // namespace lossmith
