// The thread that an import runs on.
#include "ui/shell/ImportJob.h"

#include <QElapsedTimer>
#include <system_error>

#include "core/project/Project.h"

namespace lossmith::ui {

namespace {

constexpr qint64 telling_milliseconds = 50;

Result<std::vector<DataSource>> import_all(Project& project, const ImportRequest& request, const ProgressSink& sink,
                                           const CancellationToken& cancelled) {
    if (request.split) LOSSMITH_CHECK(project.data().set_split_config(*request.split));
    std::vector<DataSource> sources;
    for (const ImportRequest::File& file : request.files) {
        const ImportGuess guess = LOSSMITH_TRY(guess_import(file.path, file.options));
        sources.push_back(LOSSMITH_TRY(project.data().import_file(file.path, guess, file.forced_split, sink, cancelled)));
    }
    return sources;
}

void take_away(const std::filesystem::path& project, const std::filesystem::path& files_folder) {
    std::error_code ignored;  // what cannot be removed is left; the import's own error is the one to tell
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(project.string() + suffix, ignored);
    std::filesystem::remove(files_folder, ignored);
}

Result<std::vector<DataSource>> carry_out(const ImportRequest& request, const ProgressSink& sink, const CancellationToken& cancelled) {
    if (request.create_project) {
        std::error_code failed;
        std::filesystem::create_directories(request.project.parent_path(), failed);
        if (failed)
            return failure(
                Error::io("The folder " + request.project.parent_path().string() + " cannot be made: " + failed.message() + "."));
    }
    auto project = request.create_project ? Project::create(request.project) : Project::open(request.project);
    if (!project) return failure(project.error());
    auto outcome = import_all(**project, request, sink, cancelled);
    if (!outcome && request.create_project) {
        const auto files_folder = (*project)->files_folder();
        project->reset();
        take_away(request.project, files_folder);
    }
    return outcome;
}

}  // namespace

ImportJob::ImportJob(ImportRequest request, QObject* parent) : QObject(parent), m_request(std::move(request)) {}

ImportJob::~ImportJob() {
    m_cancelled.cancel();
    if (m_thread) m_thread->wait();
}

void ImportJob::start() {
    m_thread.reset(QThread::create([this] {
        QElapsedTimer since_told;
        const ProgressSink sink = [this, &since_told](const Progress& now) {
            if (since_told.isValid() && since_told.elapsed() < telling_milliseconds) return;
            since_told.start();
            QMetaObject::invokeMethod(this, [this, now] { Q_EMIT progress(now); }, Qt::QueuedConnection);
        };
        auto result = carry_out(m_request, sink, m_cancelled);
        const ImportOutcome outcome = result ? ImportOutcome{std::move(*result), {}} : ImportOutcome{{}, std::move(result).error()};
        QMetaObject::invokeMethod(this, [this, outcome] { Q_EMIT finished(outcome); }, Qt::QueuedConnection);
    }));
    m_thread->setObjectName(QStringLiteral("import"));
    m_thread->start();
}

void ImportJob::stop() {
    m_cancelled.cancel();
}

}  // namespace lossmith::ui

#include "moc_ImportJob.cpp"
