// Import options as JSON, and the names of what can happen to a row.
#include "core/data/Import.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

constexpr struct {
    FileFormat format;
    std::string_view name;
} formats[] = {{FileFormat::Csv, "csv"}, {FileFormat::JsonLines, "json_lines"}, {FileFormat::PlainText, "plain_text"}};

}  // namespace

static void to_json(Json& json, const FileFormat& format) {
    for (const auto& known : formats)
        if (known.format == format) json = std::string(known.name);
}

static Status read_value(const Json& json, const std::string& path, FileFormat& target) {
    std::string text;
    LOSSMITH_CHECK(read_value(json, path, text));
    for (const auto& known : formats) {
        if (known.name == text) {
            target = known.format;
            return {};
        }
    }
    return failure(Error::bad_input("`" + path + "` must be \"csv\", \"json_lines\" or \"plain_text\", but it is \"" + text + "\"."));
}

static constexpr JsonField<ImportOptions> import_fields[] = {
    json_field<&ImportOptions::format>("format"),
    json_field<&ImportOptions::encoding>("encoding"),
    json_field<&ImportOptions::delimiter>("delimiter"),
    json_field<&ImportOptions::quote>("quote"),
    json_field<&ImportOptions::header>("header"),
    json_field<&ImportOptions::problem>("problem"),
    json_field<&ImportOptions::solution>("solution"),
    json_field<&ImportOptions::longest_cell>("longest_cell"),
    json_field<&ImportOptions::text_row_bytes>("text_row_bytes"),
    json_field<&ImportOptions::keep_duplicates>("keep_duplicates"),
};

void to_json(Json& json, const ImportOptions& options) {
    write_fields(json, import_fields, options);
}

Result<ImportOptions> import_options_from_json(const Json& json) {
    ImportOptions options;
    LOSSMITH_CHECK(read_fields(json, "", import_fields, options));
    return options;
}

const char* name_of(AsideReason reason) {
    switch (reason) {
        case AsideReason::Ragged: return "ragged";
        case AsideReason::Empty: return "empty";
        case AsideReason::Duplicate: return "duplicate";
        case AsideReason::Undecodable: return "undecodable";
        case AsideReason::OpenQuote: return "open_quote";
        case AsideReason::OverLong: return "over_long";
        case AsideReason::NotJson: return "not_json";
        case AsideReason::MissingColumn: return "missing_column";
    }
    return "ragged";
}

}  // namespace lossmith
