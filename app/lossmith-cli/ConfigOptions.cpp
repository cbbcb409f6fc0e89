#include "app/lossmith-cli/ConfigOptions.h"

namespace lossmith::cli {

Option add_config_options(Verb verb, ConfigOptions& options) {
    verb.add_option("--set", options.assignments, "One field of the config, e.g. learning_rate=1e-3; may be given again")
        .type_name("KEY=VALUE")
        .repeatable();
    return verb.add_option("--config", options.file, "A run's config as JSON").type_name("FILE");
}

Result<RunConfig> config_from(const ConfigOptions& options, RunConfig config) {
    if (!options.file.empty()) {
        const Json json = LOSSMITH_TRY(read_json_file(options.file));
        auto read = run_config_from_json(json);
        if (!read) return failure(std::move(read).error().in_file(options.file));
        config = std::move(*read);
    }
    for (const std::string& assignment : options.assignments) LOSSMITH_CHECK(set_field(config, assignment));
    return config;
}

}  // namespace lossmith::cli
