// Which loss a run minimises, as data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

/// More than anybody types, and little enough to be shown, kept and read at once.
constexpr std::size_t longest_loss_source = 64 * 1024;

/// Adds what is wrong with the text of a typed loss or reward before it is read: too long, or nothing but blanks. `what`: "a loss".
void append_source_errors(std::vector<Error>& errors, const std::string& source, const std::string& what);

/// The path in a parameter that is {"file": PATH}; empty for any other.
[[nodiscard]] std::string file_of_parameter(const Json& value);
/// As a command line writes such a parameter: "@PATH". Absent for any other text.
[[nodiscard]] std::optional<Json> file_parameter(const std::string& text);

struct LossSpec {
    std::string name = "cross_entropy";  ///< an entry of the loss catalogue
    Json parameters = Json::object();    ///< its fields, e.g. {"label_smoothing": 0.1}; one loaded from a file is {"file": PATH}
    std::string source = {};         ///< a typed loss's text, `name` being what its author calls it; empty: the catalogue's entry `name`
    std::string labels = "aligned";  ///< as a typed loss gets them: "aligned" with the logits, or "unshifted" as Hugging Face has them

    /// Everything that is wrong, each as one sentence.
    [[nodiscard]] std::vector<Error> validate() const;

    bool operator==(const LossSpec&) const = default;
};

void to_json(Json& json, const LossSpec& spec);

/// Accepts an object or just the name as a string.
[[nodiscard]] Result<LossSpec> loss_spec_from_json(const Json& json);

}  // namespace lossmith
