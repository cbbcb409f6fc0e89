#include "core/engine/loss/Catalogue.h"

#include <algorithm>

#include "core/base/Files.h"
#include "core/base/Resources.h"
#include "core/engine/loss/LoadedArguments.h"
#include "core/engine/loss/language/Program.h"

namespace lossmith::engine {

Result<std::vector<CatalogueEntry>> read_catalogue() {
    const auto folder = LOSSMITH_TRY(resource("losses"));
    const Json index = LOSSMITH_TRY(read_json_file(folder / "catalogue.json"));
    std::vector<CatalogueEntry> entries;
    if (!index.is_array())
        return failure(Error::bad_input("The catalogue of losses is not a list.").in_file((folder / "catalogue.json").string()));
    for (const Json& each : index) {
        CatalogueEntry entry;
        entry.name = string_or_empty(each, "name");
        entry.title = string_or_empty(each, "title");
        entry.kind = string_or_empty(each, "kind");
        entry.about = string_or_empty(each, "about");
        entry.source_reference = string_or_empty(each, "source_reference");
        if (const auto fields = each.find("parameters"); fields != each.end() && fields->is_object()) entry.fields = *fields;
        entry.source = LOSSMITH_TRY(read_file(folder / (entry.name + ".py"), 1U << 16U));
        entries.push_back(std::move(entry));
    }
    return entries;
}

Json catalogue_json(const CatalogueEntry& entry) {
    Json fields = Json::array();
    if (const auto program = Program::parse(entry.source))
        for (const FunctionSignature& function : program->functions()) {
            if (function.name != "loss" && function.name != "reward") continue;
            for (const Parameter& parameter : function.parameters) {
                if (!parameter.has_default || !parameter.default_value) continue;
                Json field = entry.fields.contains(parameter.name) ? entry.fields.at(parameter.name) : Json::object();
                field["name"] = parameter.name;
                field["type"] = field_type(parameter);
                field["default"] = *parameter.default_value;
                fields.push_back(std::move(field));
            }
        }
    return {{"name", entry.name},
            {"title", entry.title},
            {"kind", entry.kind},
            {"about", entry.about},
            {"source_reference", entry.source_reference},
            {"source", entry.source},
            {"parameters", fields}};
}

Result<CatalogueEntry> catalogue_entry(const std::string& name) {
    const auto entries = LOSSMITH_TRY(read_catalogue());
    const auto found = std::ranges::find(entries, name, &CatalogueEntry::name);
    if (found != entries.end()) return *found;
    std::string names;
    for (const CatalogueEntry& entry : entries)
        if (entry.kind != "sample") names += (names.empty() ? "" : ", ") + entry.name;
    return failure(Error::bad_input("There is no loss named \"" + name + "\".").with_hint("The catalogue has: " + names + "."));
}

}  // namespace lossmith::engine
