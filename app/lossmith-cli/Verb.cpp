// What every verb has in common: its flags, its output, its exit status.
#include "app/lossmith-cli/Verb.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>

namespace lossmith::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// One line that is drawn over on a terminal, and lines one after another in a log.
class ProgressLine {
public:
    explicit ProgressLine(bool terminal) : m_terminal(terminal) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine() {
        if (m_terminal && m_drawn) std::fputs("\r\033[K", stderr);
    }

    void show(const Progress& progress) {
        const auto now = Clock::now();
        const auto pause = m_terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(1000);
        const bool same_stage = progress.stage == m_stage;
        if (m_drawn && same_stage && now - m_last < pause) return;
        m_last = now;
        m_stage = progress.stage;
        m_drawn = true;
        std::string line = progress.stage + ": ";
        if (progress.total > 0) {
            const double share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
            line += std::to_string(static_cast<int>(100.0 * share)) + "% (" + std::to_string(progress.done) + " of " +
                    std::to_string(progress.total) + ")";
        } else {
            line += std::to_string(progress.done);
        }
        std::fputs((m_terminal ? "\r\033[K" + line : line + "\n").c_str(), stderr);
        std::fflush(stderr);
    }

private:
    bool m_terminal;
    bool m_drawn = false;
    std::string m_stage;
    Clock::time_point m_last;
};

}  // namespace

Option Option::required() {
    return Option(m_option->required());
}
Option Option::type_name(const std::string& name) {
    return Option(m_option->type_name(name));
}
Option Option::positive() {
    return Option(m_option->check(CLI::PositiveNumber));
}
Option Option::non_negative() {
    return Option(m_option->check(CLI::NonNegativeNumber));
}
Option Option::range(int least, int most) {
    return Option(m_option->check(CLI::Range(least, most)));
}
Option Option::one_of(std::initializer_list<std::string> words) {
    return Option(m_option->check(CLI::IsMember(std::vector<std::string>(words))));
}
Option Option::repeatable() {
    return Option(m_option->expected(1)->take_all());
}
Option Option::needs(const std::string& other) {
    return Option(m_option->needs(other));
}
Option Option::needs(Option other) {
    return Option(m_option->needs(other.m_option));
}
Option Option::excludes(const std::string& other) {
    return Option(m_option->excludes(other));
}
Option Option::excludes(Option other) {
    return Option(m_option->excludes(other.m_option));
}
Option Option::capture_default_str() {
    return Option(m_option->capture_default_str());
}

Option Verb::add_option(const std::string& name, std::string& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, int& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, std::int64_t& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, std::uint64_t& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, std::optional<std::string>& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, std::vector<std::int64_t>& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, double& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, std::optional<double>& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, std::optional<std::uint64_t>& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_option(const std::string& name, std::vector<std::string>& value, const std::string& description) {
    return Option(m_app->add_option(name, value, description));
}

Option Verb::add_flag(const std::string& name, bool& value, const std::string& description) {
    return Option(m_app->add_flag(name, value, description));
}

Verb Context::add_verb(CLI::App& app, const std::string& name, const std::string& description, Run run) {
    CLI::App* verb = app.add_subcommand(name, description);
    verb->add_flag("--json", m_json, "Answer with one JSON document");
    verb->add_flag("--progress", m_progress, "Show progress even where standard error is no terminal");
    verb->callback([this, run = std::move(run)] { m_chosen = run; });
    return Verb(verb);
}

Verb Context::add_group(CLI::App& app, const std::string& name, const std::string& description) {
    CLI::App* group = app.add_subcommand(name, description);
    group->require_subcommand(1);
    return Verb(group);
}

Verb Context::add_verb(Verb group, const std::string& name, const std::string& description, Run run) {
    return add_verb(group.app(), name, description, std::move(run));
}

void Context::print(std::string_view text) const {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void Context::print_json(const Json& document) const {
    print(document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Context::note(std::string_view line) const {
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fputc('\n', stderr);
}

ProgressSink Context::progress() const {
    const bool terminal = isatty(STDERR_FILENO) == 1;
    if (!terminal && !m_progress) return {};
    return [line = std::make_shared<ProgressLine>(terminal)](const Progress& progress) { line->show(progress); };
}

Status Context::run_chosen() const {
    return m_chosen ? m_chosen() : failure(Error::bad_input("No verb was given."));
}

int exit_status(const Status& status) {
    if (status) return 0;
    switch (status.error().kind) {
        case ErrorKind::BadInput:
        case ErrorKind::NotFound:
        case ErrorKind::Unsupported: return 2;
        case ErrorKind::Cancelled: return 130;
        case ErrorKind::Io:
        case ErrorKind::OutOfMemory:
        case ErrorKind::NotFinite:
        case ErrorKind::Internal: return 1;
    }
    return 1;
}

void print_error(const Error& error) {
    std::string text = "lossmith-cli: error: " + describe(error) + "\n";
    if (!error.hint.empty()) text += "hint: " + error.hint + "\n";
    std::fputs(text.c_str(), stderr);
}

}  // namespace lossmith::cli
