#include "tests/ui/compare/FakeProject.h"

#include <QCoreApplication>
#include <QFile>
#include <QSettings>
#include <stdexcept>

#include "core/base/Files.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

namespace lossmith::ui {

namespace {

template <typename Value>
Value must(Result<Value> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    if constexpr (!std::is_void_v<Value>) return std::move(*result);
}

std::string csv_of(const std::vector<FakeProject::Row>& rows) {
    std::string csv = "problem,solution\n";
    for (const auto& row : rows) csv += "\"" + row.problem + "\",\"" + row.solution + "\"\n";
    return csv;
}

}  // namespace

FakeProject::FakeProject(const std::vector<Row>& held_out, bool with_run) {
    const std::filesystem::path folder = m_folder.path().toStdString();
    const auto import = [&](Project& project, const char* name, const std::vector<Row>& rows, Split split) {
        must(write_file_atomically(folder / name, csv_of(rows)));
        ImportOptions options;
        options.problem = "problem";
        options.solution = "solution";
        must(project.data().import_file(folder / name, must(guess_import(folder / name, options)), split));
    };
    const auto path = folder / "test.lossmith";
    auto project = must(Project::create(path));
    import(*project, "train.csv", {{"Polish the lamp", "Please wipe the lamp."}, {"Dust on it", "Please dust it well."}}, Split::Train);
    if (!held_out.empty()) import(*project, "held_out.csv", held_out, Split::Test);
    if (with_run) {
        RunConfig config;
        config.name = "careful";
        config.template_spec = TemplateSpec{};
        const Run run = must(project->runs().create(config));
        must(project->runs().claim(run.id));
        Checkpoint checkpoint;
        checkpoint.step = 12;
        checkpoint.kind = CheckpointKind::Best;
        checkpoint.path = "test.files/run-1/best";
        checkpoint.sha256 = sha256_of("careful");
        must(project->runs().add_checkpoint(run.id, checkpoint));
        checkpoint.step = 6;
        checkpoint.kind = CheckpointKind::Periodic;
        checkpoint.path = "test.files/run-1/checkpoint-6";
        checkpoint.sha256 = sha256_of("careful, half-way");
        must(project->runs().add_checkpoint(run.id, checkpoint));
        must(project->runs().set_status(run.id, RunStatus::Finished));
    }
    project.reset();
    m_session = must(ProjectSession::open(path, false));
}

QString FakeProject::engine_program() {
    return QCoreApplication::applicationDirPath() + QStringLiteral("/fake_engine");
}

void FakeProject::use_own_settings() {
    static const QTemporaryDir folder;
    QCoreApplication::setOrganizationName(QStringLiteral("Lossmith tests"));
    QCoreApplication::setApplicationName(QStringLiteral("Lossmith tests"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
    QSettings().clear();
}

}  // namespace lossmith::ui
