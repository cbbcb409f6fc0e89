// One run followed as its process writes it.
#include "ui/train/RunWatcher.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "core/project/Project.h"
#include "ui/shell/ProjectSession.h"
#include "ui/train/RunWords.h"

namespace lossmith::ui {
namespace {

/// Listing the names reads the run's whole index; the curves' own names are few and seldom new.
constexpr int names_milliseconds = 2000;

std::int64_t bytes_in(const std::filesystem::path& folder) {
    std::int64_t bytes = 0;
    std::error_code gone;
    for (auto entry = std::filesystem::recursive_directory_iterator(folder, gone);
         !gone && entry != std::filesystem::recursive_directory_iterator(); entry.increment(gone)) {
        std::error_code unreadable;
        const auto size = entry->is_regular_file(unreadable) ? entry->file_size(unreadable) : 0;
        if (!unreadable) bytes += static_cast<std::int64_t>(size);
    }
    return bytes;
}

}  // namespace

RunWatcher::RunWatcher(QObject* parent) : QObject(parent) {
    m_names.setSingleShot(true);
    m_names.setInterval(names_milliseconds);
}

void RunWatcher::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    if (session) connect(session, &ProjectSession::changed, this, &RunWatcher::read);
    watch(0);
}

void RunWatcher::watch(std::int64_t run) {
    m_run = run;
    ++m_generation;
    m_seen = {};
    m_asking = false;
    m_ask_again = false;
    m_names.stop();
    read();
}

void RunWatcher::read() {
    if (!m_session || m_run == 0) return;
    if (m_asking) {
        m_ask_again = true;
        return;
    }
    m_asking = true;
    const bool look_for_names = !m_names.isActive();
    if (look_for_names) m_names.start();
    m_session->ask(
        this, [run = m_run, seen = m_seen, look_for_names](Project& project) { return read_from(project, run, seen, look_for_names); },
        [this, generation = m_generation](Result<Read> read_now) {
            if (generation != m_generation) return;
            m_asking = false;
            if (read_now) {
                m_seen = std::move(read_now->seen);
                Q_EMIT news(read_now->news);
            } else {
                Q_EMIT failed(read_now.error());
            }
            if (generation == m_generation && std::exchange(m_ask_again, false)) read();
        });
}

Result<RunWatcher::Read> RunWatcher::read_from(Project& project, std::int64_t run, Seen seen, bool look_for_names) {
    Read read;
    RunNews& news = read.news;
    news.run = LOSSMITH_TRY(project.runs().run(run));
    const std::string process = news.run.host + '/' + std::to_string(news.run.process);
    std::vector<RunEvent> events = LOSSMITH_TRY(project.runs().events(run, seen.event));
    const bool went_back = news.run.step < seen.step || std::ranges::find(events, "resumed", &RunEvent::kind) != events.end();
    if (seen.process != process || went_back) {
        if (seen.event != 0) events = LOSSMITH_TRY(project.runs().events(run));
        seen = {};
        seen.process = process;
        news.from_the_start = true;
    }
    seen.step = news.run.step;
    if (!events.empty()) seen.event = events.back().id;
    news.events = std::move(events);
    // An ended run has all of its curves, and may never be read again.
    if (look_for_names || news.from_the_start || !is_under_way(news.run.status)) {
        for (std::string& name : LOSSMITH_TRY(project.metrics().names(run))) {
            if (std::ranges::find(seen.names, name) != seen.names.end()) continue;
            seen.names.push_back(std::move(name));
            seen.steps.push_back(-1);
        }
    }
    // Name by name: a validation may be written before the training losses of the steps that led to it.
    for (std::size_t i = 0; i < seen.names.size(); ++i) {
        std::vector<Metric> fresh = LOSSMITH_TRY(project.metrics().read(run, seen.names[i], seen.steps[i]));
        if (!fresh.empty()) seen.steps[i] = fresh.back().step;
        std::ranges::move(fresh, std::back_inserter(news.metrics));
    }
    news.samples = LOSSMITH_TRY(project.runs().samples(run, SampleParts::Texts));
    if (news.run.config.reward) {
        news.completions = LOSSMITH_TRY(project.runs().completions(run, seen.completions_step));
        if (!news.completions.empty()) seen.completions_step = news.completions.back().step;
    }
    news.checkpoints = LOSSMITH_TRY(project.runs().checkpoints(run));
    news.disk_bytes = bytes_in(project.run_folder(run));
    read.seen = std::move(seen);
    return read;
}

}  // namespace lossmith::ui

#include "moc_RunWatcher.cpp"
