// What differs between two runs' configs, field by field.
#include "ui/runs/ConfigDifference.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/config/RunFields.h"
#include "ui/train/RunWords.h"

namespace lossmith::ui {
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

QString text_of(const Json* value) {
    if (!value || value->is_null()) return QStringLiteral("–");
    if (value->is_boolean()) return value->get<bool>() ? QStringLiteral("on") : QStringLiteral("off");
    if (value->is_number_float()) return plain_number(value->get<double>());
    if (value->is_string()) {
        const std::string& text = value->get_ref<const std::string&>();
        return text.empty() ? QStringLiteral("“”") : QString::fromStdString(text);
    }
    return QString::fromStdString(value->dump());
}

QString label_of(const std::string& key) {
    const FieldKnowledge* field = find_field(key);
    if (!field) return QString::fromStdString(key);
    const QString label = QString::fromStdString(field->label);
    return key.starts_with("sampling.") ? QStringLiteral("Sampling: ") + label.toLower() : label;
}

/// The place of a field in the form; what is nested stands where its outer field does.
std::size_t order_of(const std::string& key) {
    const std::string outer = key.substr(0, key.find('.'));
    const auto& fields = run_fields();
    const auto place = std::ranges::find(fields, outer, &FieldKnowledge::name);
    return static_cast<std::size_t>(place - fields.begin());
}

}  // namespace

std::vector<ConfigDifference> config_differences(const RunConfig& first, const RunConfig& second) {
    std::map<std::string, Json> one;
    std::map<std::string, Json> other;
    flatten(first, {}, one);
    flatten(second, {}, other);
    std::set<std::string> keys;
    for (const auto* side : {&one, &other}) {
        for (const auto& [key, value] : *side) keys.insert(key);
    }
    keys.erase("name");
    std::vector<std::string> differing;
    for (const std::string& key : keys) {
        const auto left = one.find(key);
        const auto right = other.find(key);
        const bool same = left != one.end() && right != other.end() && left->second == right->second;
        if (!same) differing.push_back(key);
    }
    std::ranges::stable_sort(differing, {}, order_of);
    std::vector<ConfigDifference> differences;
    for (const std::string& key : differing) {
        const auto left = one.find(key);
        const auto right = other.find(key);
        differences.push_back({QString::fromStdString(key), label_of(key), text_of(left == one.end() ? nullptr : &left->second),
                               text_of(right == other.end() ? nullptr : &right->second)});
    }
    return differences;
}

}  // namespace lossmith::ui
