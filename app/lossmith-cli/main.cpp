// lossmith-cli: all that Lossmith does, by hand and in scripts. Wiring only.
#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <clocale>
#include <cstdio>
#include <exception>
#include <new>

#include "app/lossmith-cli/Interrupt.h"
#include "app/lossmith-cli/Verbs.h"

using namespace lossmith;
using namespace lossmith::cli;

namespace {

void add_verbs(CLI::App& app, Context& context) {
    add_import(app, context);
    add_data(app, context);
    add_template(app, context);
    add_runs(app, context);
    add_metrics(app, context);
    add_samples(app, context);
    add_devices(app, context);
    add_bench(app, context);
    add_compare(app, context);
    add_generate(app, context);
    add_history(app, context);
    add_inspect(app, context);
    add_loss(app, context);
    add_doctor(app, context);
    add_estimate(app, context);
    add_serve(app, context);
    add_train(app, context);
    add_rank(app, context);
    add_slurm(app, context);
    add_new_model(app, context);
    add_export(app, context);
    add_tokenize(app, context);
    add_tokens(app, context);
    add_special(app, context);
}

/// What CLI11 says, as a sentence of ours.
Error wrong_call(const CLI::App& app, const CLI::ParseError& problem, int argc, char** argv) {
    std::string sentence = problem.what();
    while (!sentence.empty() && (sentence.back() == '\n' || sentence.back() == ' ')) sentence.pop_back();
    if (!sentence.empty() && sentence.back() != '.') sentence += '.';
    const auto chosen = app.get_subcommands();
    if (chosen.empty()) {
        const std::string word = argc > 1 ? argv[1] : "";
        if (word.starts_with('-'))
            sentence = "There is no option “" + word + "” before the verb.";
        else
            sentence = word.empty() ? "No verb was given." : "There is no verb “" + word + "”.";
        return Error::bad_input(sentence).with_hint("“lossmith-cli --help” lists the verbs.");
    }
    return Error::bad_input(sentence).with_hint("“lossmith-cli " + chosen.front()->get_name() + " --help” says how it is called.");
}

Status run(int argc, char** argv, int& help_status) {
    CLI::App app("Fine-tunes GPT-2 on problems and solutions, and shows what it learnt.", "lossmith-cli");
    app.set_version_flag("--version", "lossmith-cli " LOSSMITH_VERSION);
    app.require_subcommand(1);
    const CancellationToken cancelled;
    cancel_on_interrupt(cancelled);
    Context context(cancelled);
    add_verbs(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& answered) {
        help_status = app.exit(answered);
        return {};
    } catch (const CLI::ParseError& problem) {
        return failure(wrong_call(app, problem, argc, argv));
    }
    LOSSMITH_CHECK(context.run_chosen());
    if (std::fflush(stdout) != 0) return failure(Error::io("The answer could not be written to standard output."));
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    // Qt takes the user's locale; numbers that we print are read by programs.
    std::setlocale(LC_NUMERIC, "C");
    Status status;
    int help_status = 0;
    try {
        status = run(argc, argv, help_status);
    } catch (const std::bad_alloc&) {
        status = failure(Error::out_of_memory("Memory ran out."));
    } catch (const std::exception& fault) {
        status = failure(Error::internal(std::string("An unexpected fault: ") + fault.what() + "."));
    }
    if (!status) {
        std::fflush(stdout);
        print_error(status.error());
        return exit_status(status);
    }
    return help_status;
}
