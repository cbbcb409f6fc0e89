// The losses that ship with the program: readable typed sources in resources/losses, and what is said of each.
#pragma once

#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::engine {

struct CatalogueEntry {
    std::string name;  ///< "focal"
    std::string title;
    std::string kind;  ///< "loss", "reward" or "sample": an attempt shown for what is wrong with it
    std::string about;
    std::string source_reference;  ///< paper or equation
    std::string source;
    Json fields = Json::object();  ///< by parameter: {minimum, maximum, about}
};

/// In the order they are shown.
[[nodiscard]] Result<std::vector<CatalogueEntry>> read_catalogue();

/// {name, title, kind, about, source_reference, source, parameters: [{name, type, default, minimum, maximum, about}]}
[[nodiscard]] Json catalogue_json(const CatalogueEntry& entry);

/// BadInput for a name it does not have, naming those it has.
[[nodiscard]] Result<CatalogueEntry> catalogue_entry(const std::string& name);

}  // namespace lossmith::engine
