// How a verb of the command line is made: one function in one file, add_NAME(), that registers a subcommand and what runs it.
//
//     void add_tokenize(CLI::App& app, Context& context) {
//         struct Call { std::string model; };
//         auto call = std::make_shared<Call>();
//         Verb verb = context.add_verb(app, "tokenize", "Text from standard input to ids.",
//                                      [call, &context]() -> Status { …; context.print_json(ids); return {}; });
//         verb.add_option("--model", call->model, "A Hugging Face folder")->type_name("DIR");
//     }
//
// Each verb has --json and --progress. Errors are returned, not printed: main prints them and chooses the exit status.
// CLI11 takes seconds to compile, so only main.cpp and Verb.cpp include it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lossmith::cli {

/// An option of a verb, to be described further. A handle: it may be copied.
class Option {
public:
    explicit Option(CLI::Option* option) : m_option(option) {}

    Option required();
    Option type_name(const std::string& name);  ///< what stands for the value in --help
    Option positive();
    Option non_negative();
    Option range(int least, int most);
    Option one_of(std::initializer_list<std::string> words);
    Option repeatable();  ///< one value each time, as often as it is given
    Option needs(const std::string& other);
    Option needs(Option other);
    Option excludes(const std::string& other);
    Option excludes(Option other);
    Option capture_default_str();  ///< --help shows the value that is there now

private:
    CLI::Option* m_option;
};

/// A subcommand, to which options are added. A handle: it may be copied. What a value is written to must outlive the parsing.
class Verb {
public:
    explicit Verb(CLI::App* app) : m_app(app) {}

    Option add_option(const std::string& name, std::string& value, const std::string& description);
    Option add_option(const std::string& name, int& value, const std::string& description);
    Option add_option(const std::string& name, std::int64_t& value, const std::string& description);
    Option add_option(const std::string& name, std::uint64_t& value, const std::string& description);
    Option add_option(const std::string& name, double& value, const std::string& description);
    Option add_option(const std::string& name, std::optional<double>& value, const std::string& description);
    Option add_option(const std::string& name, std::optional<std::uint64_t>& value, const std::string& description);
    Option add_option(const std::string& name, std::optional<std::string>& value, const std::string& description);
    Option add_option(const std::string& name, std::vector<std::int64_t>& value, const std::string& description);
    Option add_option(const std::string& name, std::vector<std::string>& value, const std::string& description);
    Option add_flag(const std::string& name, bool& value, const std::string& description);

    [[nodiscard]] CLI::App& app() const { return *m_app; }

private:
    CLI::App* m_app;
};

/// What main hands to every verb. Lives as long as the program runs.
class Context {
public:
    using Run = std::function<Status()>;

    explicit Context(CancellationToken cancelled) : m_cancelled(std::move(cancelled)) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// A subcommand of `app` with --json and --progress.
    /// `run` is called once the whole command line was understood. It may print an answer and still return an error.
    Verb add_verb(CLI::App& app, const std::string& name, const std::string& description, Run run);

    /// A verb that is only the name of others, and a verb in it: `loss` and `loss check`.
    Verb add_group(CLI::App& app, const std::string& name, const std::string& description);
    Verb add_verb(Verb group, const std::string& name, const std::string& description, Run run);

    /// Raised by the first SIGINT or SIGTERM. A verb that sees it returns Error::cancelled().
    [[nodiscard]] const CancellationToken& cancelled() const { return m_cancelled; }

    /// Whether the answer is to be one JSON document.
    [[nodiscard]] bool json() const { return m_json; }

    /// The answer, on standard output.
    void print(std::string_view text) const;
    /// One document and a newline. Bytes that are no UTF-8 become U+FFFD.
    void print_json(const Json& document) const;

    /// A line on standard error for people: not an error, not the answer.
    void note(std::string_view line) const;

    /// Draws progress on standard error when that is a terminal or --progress was given; otherwise an empty sink.
    /// At most ten times a second on a terminal, once a second elsewhere.
    [[nodiscard]] ProgressSink progress() const;

    /// Runs the verb that was chosen.
    [[nodiscard]] Status run_chosen() const;

private:
    CancellationToken m_cancelled;
    bool m_json = false;
    bool m_progress = false;
    Run m_chosen;
};

/// 0 done, 1 it failed, 2 wrong call or unusable input, 130 interrupted.
[[nodiscard]] int exit_status(const Status& status);

/// "lossmith-cli: error: SENTENCE" and, where there is one, "hint: …" on standard error.
void print_error(const Error& error);

}  // namespace lossmith::cli
