// One table of fields for a struct's JSON form: written, read with checked types, and unknown names answered with the nearest known one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

/// The name in `known` that takes the fewest edits (Levenshtein) from `name`; empty when none is near.
[[nodiscard]] std::string nearest_name(std::string_view name, std::span<const std::string_view> known);

/// "There is no field `temprature`." with the hint "Did you mean `temperature`?".
[[nodiscard]] Error unknown_field(const std::string& path, std::span<const std::string_view> known);

/// "`path` must be TEXT, but it is a number."
[[nodiscard]] Error wrong_type(const std::string& path, std::string_view wanted, const Json& json);

[[nodiscard]] Status read_value(const Json& json, const std::string& path, bool& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, int& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, std::int64_t& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, std::uint64_t& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, double& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, std::string& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, std::vector<std::string>& target);

/// An object, whatever is in it.
[[nodiscard]] Status read_value(const Json& json, const std::string& path, Json& target);

/// One character of ASCII, as a string.
[[nodiscard]] Status read_value(const Json& json, const std::string& path, char& target);

/// null means absent.
template <typename Value>
[[nodiscard]] Status read_value(const Json& json, const std::string& path, std::optional<Value>& target) {
    if (json.is_null()) {
        target.reset();
        return {};
    }
    Value value{};
    LOSSMITH_CHECK(read_value(json, path, value));
    target = std::move(value);
    return {};
}

template <typename Value>
void write_value(Json& json, std::string_view name, const Value& value) {
    json[std::string(name)] = value;
}
inline void write_value(Json& json, std::string_view name, const char& value) {
    json[std::string(name)] = std::string(1, value);
}

/// What is absent leaves no key.
template <typename Value>
void write_value(Json& json, std::string_view name, const std::optional<Value>& value) {
    if (value) write_value(json, name, *value);
}

template <typename Struct>
struct JsonField {
    std::string_view name;
    void (*write)(Json& json, std::string_view name, const Struct& from);
    Status (*read)(const Json& json, const std::string& path, Struct& into);
};

template <auto Member>
struct MemberOf;
template <typename Struct, typename Value, Value Struct::* Member>
struct MemberOf<Member> {
    using Type = Struct;
};

/// A field by its member: `json_field<&SplitConfig::seed>("seed")`.
template <auto Member>
[[nodiscard]] constexpr auto json_field(std::string_view name) {
    using Struct = typename MemberOf<Member>::Type;
    return JsonField<Struct>{name, [](Json& json, std::string_view key, const Struct& from) { write_value(json, key, from.*Member); },
                             [](const Json& json, const std::string& path, Struct& into) { return read_value(json, path, into.*Member); }};
}

template <typename Struct, std::size_t Count>
void write_fields(Json& json, const JsonField<Struct> (&fields)[Count], const Struct& from) {
    json = Json::object();
    for (const auto& field : fields) field.write(json, field.name, from);
}

/// Absent fields keep what `into` holds. `path` is put before each name in errors, e.g. "sampling.".
template <typename Struct, std::size_t Count>
[[nodiscard]] Status read_fields(const Json& json, const std::string& path, const JsonField<Struct> (&fields)[Count], Struct& into) {
    if (!json.is_object()) return failure(wrong_type(path, "an object", json));
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& item : json.items()) {
        const JsonField<Struct>* found = nullptr;
        for (const auto& field : fields)
            if (field.name == item.key()) found = &field;
        if (!found) {
            std::vector<std::string_view> known;
            for (const auto& field : fields) known.push_back(field.name);
            return failure(unknown_field(prefix + item.key(), known));
        }
        LOSSMITH_CHECK(found->read(item.value(), prefix + item.key(), into));
    }
    return {};
}

}  // namespace lossmith
