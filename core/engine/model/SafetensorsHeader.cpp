#include "core/engine/model/SafetensorsHeader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/Json.h"
#include "core/engine/model/QuotedName.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t most_dimensions = 64;

/// Reads the header event by event: nothing but what a header may hold is ever stored, at most as deep as a header may be,
/// and a name that comes twice is seen (a tree of JSON would keep just the last).
class HeaderReader final : public nlohmann::json_sax<Json> {
public:
    SafetensorsHeader header;
    std::string problem;

    bool start_object(std::size_t) override {
        if (m_level == Level::Outside) return enter(Level::Names);
        if (m_level == Level::Names && m_name == "__metadata__") return enter(Level::Metadata);
        if (m_level != Level::Names) return wrong("has a JSON object in an unexpected place");
        m_entry = {};
        m_entry.name = m_name;
        m_fields.clear();
        return enter(Level::Tensor);
    }

    bool key(string_t& text) override {
        if (m_level == Level::Names) {
            m_name = text;
            return m_names.insert(text).second || wrong("names " + in_quotes(text) + " twice");
        }
        m_field = text;
        if (m_level == Level::Metadata) return !header.metadata.contains(text) || wrong("has the metadata " + in_quotes(text) + " twice");
        return m_fields.insert(text).second || wrong("gives " + in_quotes(text) + " twice for the tensor " + in_quotes(m_name));
    }

    bool string(string_t& text) override {
        if (m_level == Level::Metadata) {
            header.metadata.emplace(m_field, text);
            return true;
        }
        if (m_level != Level::Tensor || m_field != "dtype") return unexpected("text");
        if (safetensors_element_size(text) == 0)
            return wrong("gives the tensor " + in_quotes(m_name) + " the type " + in_quotes(text) + ", which is not known");
        m_entry.type = text;
        return true;
    }

    bool start_array(std::size_t) override {
        if (m_level == Level::Tensor && m_field == "shape") return enter(Level::Shape);
        if (m_level == Level::Tensor && m_field == "data_offsets") {
            m_offsets.clear();
            return enter(Level::Offsets);
        }
        return unexpected("a list");
    }

    bool number_unsigned(number_unsigned_t number) override {
        if (m_level == Level::Shape) {
            if (number > static_cast<std::uint64_t>(INT64_MAX))
                return wrong("gives the tensor " + in_quotes(m_name) + " a size beyond all bounds");
            if (m_entry.shape.size() == most_dimensions) return wrong("gives the tensor " + in_quotes(m_name) + " more than 64 dimensions");
            m_entry.shape.push_back(static_cast<std::int64_t>(number));
            return true;
        }
        if (m_level != Level::Offsets) return unexpected("a number");
        if (m_offsets.size() == 2) return wrong("gives the tensor " + in_quotes(m_name) + " more than two data_offsets");
        m_offsets.push_back(number);
        return true;
    }

    bool end_array() override {
        m_level = Level::Tensor;
        return true;
    }

    bool end_object() override {
        if (m_level == Level::Metadata) return enter(Level::Names);
        if (m_level == Level::Names) return enter(Level::Done);
        if (m_fields.size() != 3 || m_offsets.size() != 2)
            return wrong("does not give dtype, shape and two data_offsets, and only these, for the tensor " + in_quotes(m_name));
        m_entry.begin = m_offsets[0];
        m_entry.end = m_offsets[1];
        header.entries.push_back(std::move(m_entry));
        return enter(Level::Names);
    }

    bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
    bool number_float(number_float_t, const string_t&) override { return unexpected("a number that is not whole or too large"); }
    bool null() override { return unexpected("null"); }
    bool boolean(bool) override { return unexpected("true or false"); }
    bool binary(binary_t&) override { return unexpected("bytes"); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
        return wrong("is not valid JSON at byte " + std::to_string(position));
    }

private:
    enum class Level { Outside, Names, Metadata, Tensor, Shape, Offsets, Done };

    bool enter(Level level) {
        m_level = level;
        return true;
    }
    bool wrong(const std::string& what) {
        problem = "The safetensors header " + what + ".";
        return false;
    }
    bool unexpected(const std::string& what) {
        if (m_level == Level::Outside) return wrong("is not a JSON object");
        return wrong("has " + what + " where it must not, at " + in_quotes(m_name) + (m_field.empty() ? "" : ", " + in_quotes(m_field)));
    }

    Level m_level = Level::Outside;
    std::string m_name;
    std::string m_field;
    std::set<std::string> m_names;
    std::set<std::string> m_fields;
    SafetensorsEntry m_entry;
    std::vector<std::uint64_t> m_offsets;
};

/// The bytes a tensor takes. False when the number overflows; sizes of zero do not hide an overflow of the others.
bool byte_size(const SafetensorsEntry& entry, std::uint64_t& bytes) {
    std::int64_t without_zeros = static_cast<std::int64_t>(safetensors_element_size(entry.type));
    bool empty = false;
    for (const std::int64_t size : entry.shape) {
        empty = empty || size == 0;
        if (__builtin_mul_overflow(without_zeros, std::max<std::int64_t>(size, 1), &without_zeros)) return false;
    }
    bytes = empty ? 0 : static_cast<std::uint64_t>(without_zeros);
    return true;
}

Status check_ranges(const SafetensorsHeader& header, std::uint64_t data_bytes) {
    std::uint64_t reached = 0;
    for (const SafetensorsEntry& entry : header.entries) {
        std::uint64_t bytes = 0;
        if (!byte_size(entry, bytes))
            return failure(Error::bad_input("The shape of the tensor " + in_quotes(entry.name) + " is larger than any memory."));
        if (entry.begin > entry.end || entry.end > data_bytes)
            return failure(
                Error::bad_input("The tensor " + in_quotes(entry.name) + " lies outside the file, which is cut short or damaged."));
        if (entry.end - entry.begin != bytes)
            return failure(Error::bad_input("The tensor " + in_quotes(entry.name) + " needs " + std::to_string(bytes) +
                                            " bytes by its shape and has " + std::to_string(entry.end - entry.begin) + " in the file."));
        if (entry.begin < reached) return failure(Error::bad_input("The tensor " + in_quotes(entry.name) + " overlaps the one before it."));
        if (entry.begin > reached)
            return failure(Error::bad_input("There is a gap in the file before the tensor " + in_quotes(entry.name) + "."));
        reached = entry.end;
    }
    if (reached != data_bytes)
        return failure(Error::bad_input("The file holds " + std::to_string(data_bytes - reached) + " bytes that belong to no tensor."));
    return {};
}

}  // namespace

std::uint64_t safetensors_element_size(std::string_view type) {
    static constexpr std::pair<std::string_view, std::uint64_t> sizes[] = {
        {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"F8_E8M0", 1}, {"I16", 2}, {"U16", 2}, {"F16", 2},
        {"BF16", 2}, {"I32", 4}, {"U32", 4}, {"F32", 4},     {"I64", 8},     {"U64", 8},     {"F64", 8}, {"C64", 8}};
    for (const auto& [name, size] : sizes)
        if (name == type) return size;
    return 0;
}

Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, std::uint64_t data_bytes) {
    if (!text.starts_with('{')) return failure(Error::bad_input("This is not a safetensors file: its header does not begin with \"{\"."));
    HeaderReader reader;
    if (!Json::sax_parse(text, &reader)) return failure(Error::bad_input(reader.problem));
    SafetensorsHeader header = std::move(reader.header);
    std::stable_sort(header.entries.begin(), header.entries.end(), [](const SafetensorsEntry& left, const SafetensorsEntry& right) {
        return std::pair(left.begin, left.end) < std::pair(right.begin, right.end);
    });
    LOSSMITH_CHECK(check_ranges(header, data_bytes));
    return header;
}

}  // namespace lossmith::engine
