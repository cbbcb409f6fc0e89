// The verbs: one function each, in the .cpp of the same name.
#pragma once

#include "app/lossmith-cli/Verb.h"

namespace lossmith::cli {

void add_import(CLI::App& app, Context& context);
void add_data(CLI::App& app, Context& context);
void add_template(CLI::App& app, Context& context);
void add_rank(CLI::App& app, Context& context);
void add_runs(CLI::App& app, Context& context);
void add_samples(CLI::App& app, Context& context);
void add_slurm(CLI::App& app, Context& context);
void add_metrics(CLI::App& app, Context& context);
void add_devices(CLI::App& app, Context& context);
void add_serve(CLI::App& app, Context& context);
void add_export(CLI::App& app, Context& context);
void add_new_model(CLI::App& app, Context& context);
void add_train(CLI::App& app, Context& context);
void add_tokens(CLI::App& app, Context& context);
void add_special(CLI::App& app, Context& context);
void add_tokenize(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_compare(CLI::App& app, Context& context);
void add_generate(CLI::App& app, Context& context);
void add_history(CLI::App& app, Context& context);
void add_loss(CLI::App& app, Context& context);
void add_inspect(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_estimate(CLI::App& app, Context& context);

}  // namespace lossmith::cli
