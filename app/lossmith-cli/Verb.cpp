// What every verb has in common: its flags, its output, its exit status.
#include "app/lossmith-cli/Verb.h"

#include <unistd.h>

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

CLI::App& Context::add_verb(CLI::App& app, const std::string& name, const std::string& description, Run run) {
    CLI::App* verb = app.add_subcommand(name, description);
    verb->add_flag("--json", m_json, "Answer with one JSON document");
    verb->add_flag("--progress", m_progress, "Show progress even where standard error is no terminal");
    verb->callback([this, run = std::move(run)] { m_chosen = run; });
    return *verb;
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
