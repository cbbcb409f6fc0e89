// The page Doctor in the real window against the real engine: a run whose loss is padding, its cause, and the run that sets it right.
#include <QComboBox>
#include <QLabel>
#include <QProcess>
#include <QPushButton>
#include <QTemporaryDir>
#include <fstream>

#include "app/lossmith/Pages.h"
#include "core/project/DiagnosisStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestWindow.h"
#include "ui/charts/CurveChart.h"
#include "ui/doctor/DoctorPage.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/RecentProjects.h"
#include "ui/train/TrainPage.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

constexpr int patience = 90'000;  // for what the engine computes; nothing waits that long on its own

QString cli() {
    return QStringLiteral(LOSSMITH_BIN "/lossmith-cli");
}

struct Bench {
    explicit Bench(const QString& project) : window(engine, theme, recent, app::page_entries(engine, recent)) {
        fail_on_qt_warnings();
        if (!show_window(window) || (!project.isEmpty() && !window.open_project(project))) return;
        window.show_page(QStringLiteral("doctor"));
        page = qobject_cast<ui::DoctorPage*>(window.page(QStringLiteral("doctor")));
        if (page != nullptr && !QTest::qWaitFor([this] { return page->is_ready(); }, patience)) page = nullptr;
    }

    ui::Theme theme{*qApp};
    EngineClient engine{cli()};
    ui::RecentProjects recent;
    ui::MainWindow window;
    ui::DoctorPage* page = nullptr;  ///< null: it did not come up
};

}  // namespace

class DoctorPageTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_project = m_folder.filePath(QStringLiteral("job.lossmith"));
    QString m_model = m_folder.filePath(QStringLiteral("tiny"));

    void cli_does(const QStringList& words) {
        QProcess process;
        process.start(cli(), words);
        QVERIFY(process.waitForFinished(patience));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    }

    [[nodiscard]] Run run(std::int64_t id) const {
        const auto project = Project::open(m_project.toStdString());
        const auto found = (*project)->runs().run(id);
        return found ? *found : Run{};
    }

private Q_SLOTS:
    void initTestCase() {
        const QString csv = m_folder.filePath(QStringLiteral("tickets.csv"));
        std::ofstream file(csv.toStdString());
        file << "problem,solution\n";
        for (int i = 0; i < 60; ++i) file << "Door " << i << " does not open.,Please push door " << i << ".\n";
        file.close();
        cli_does({QStringLiteral("new-model"), m_model, QStringLiteral("--n_embd"), QStringLiteral("16"), QStringLiteral("--n_layer"),
                  QStringLiteral("1"), QStringLiteral("--n_head"), QStringLiteral("2"), QStringLiteral("--n_positions"),
                  QStringLiteral("64")});
        cli_does({QStringLiteral("import"), m_project, csv});
    }

    void without_a_project_or_a_run_it_says_where_to_go() {
        {
            Bench bench({});
            QVERIFY(bench.page != nullptr);
            QVERIFY(child<QPushButton>(*bench.page, "look")->isHidden());
        }
        Bench bench(m_project);
        QVERIFY(bench.page != nullptr);
        auto* empty = bench.page->findChild<ui::EmptyState*>();
        QVERIFY(empty != nullptr && empty->isVisible());
        click(empty->findChild<QPushButton*>());
        QCOMPARE(bench.window.current_page_name(), QStringLiteral("train"));
    }

    void a_splendid_loss_that_is_padding_is_explained_and_set_right() {
        QStringList words = {QStringLiteral("train"), m_project};
        for (const QString& setting :
             {QString(QStringLiteral("model=") + m_model), QStringLiteral("padding=max_length"), QStringLiteral("max_length=48"),
              QStringLiteral("template.label_padding=true"), QStringLiteral("max_steps=12"), QStringLiteral("eval_steps=4"),
              QStringLiteral("learning_rate=0.01"), QStringLiteral("sample_prompts=1")})
            words << QStringLiteral("--set") << setting;
        cli_does(words);

        Bench bench(m_project);
        QVERIFY(bench.page != nullptr);
        ui::DoctorPage& page = *bench.page;

        // It looked by itself when the run ended; the loss stands beside what each kind of token costs.
        QVERIFY(page.diagnosis().has_value());
        QCOMPARE(page.diagnosis()->findings.front().cause, Cause::PaddingLabelled);
        auto* chart = child<ui::CurveChart>(page, "kind_chart");
        for (const char* kind : {"validation/loss", "validation/loss/padding", "validation/loss/solution"})
            QVERIFY2(chart->point_count(QString::fromLatin1(kind)) >= 3, kind);
        auto* card = child<QWidget>(page, "finding_padding_labelled");
        QVERIFY(child<QLabel>(*card, "evidence")->text().contains(QStringLiteral("of the labelled tokens are padding")));
        QVERIFY(child<QLabel>(*card, "changes")->text().contains(QStringLiteral("max_length → longest")));

        // Asked again, the engine looks anew.
        const Diagnosis before = *page.diagnosis();
        QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>(page, "look")->isEnabled(), patience);
        QSignalSpy looked(&page, &ui::DoctorPage::looked);
        click(child<QPushButton>(page, "look"));
        QVERIFY(!child<QPushButton>(page, "look")->isEnabled());
        QVERIFY(looked.wait(patience));
        QVERIFY(page.findChild<ui::ErrorBanner*>()->text().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(page.is_ready() && page.diagnosis() && page.diagnosis()->findings.size() == before.findings.size(),
                                 patience);

        // The button fills Train's form with the change made; the run that it starts no longer has that cause.
        auto* cure = child<QPushButton>(*child<QWidget>(page, "finding_padding_labelled"), "cure");
        cure->setFocus();
        QTest::keyClick(cure, Qt::Key_Space);
        QCOMPARE(bench.window.current_page_name(), QStringLiteral("train"));
        auto* train = qobject_cast<ui::TrainPage*>(bench.window.page(QStringLiteral("train")));
        QVERIFY(train != nullptr);
        train->set_run_program(cli());
        auto* start = child<QPushButton>(*train, "start");
        QTRY_VERIFY_WITH_TIMEOUT(start->isVisible() && start->isEnabled(), patience);
        click(start);
        QTRY_COMPARE_WITH_TIMEOUT(run(2).status, RunStatus::Finished, patience);
        QCOMPARE(run(2).config.padding, std::string("longest"));
        QVERIFY(!run(2).config.template_spec->label_padding);
        bench.window.show_page(QStringLiteral("doctor"));
        page.choose_run(2);
        QTRY_VERIFY_WITH_TIMEOUT(page.chosen_run() == 2 && page.is_ready() && page.diagnosis().has_value(), patience);
        for (const Finding& finding : page.diagnosis()->findings) QVERIFY(finding.cause != Cause::PaddingLabelled);
    }

    void a_question_that_is_stopped_leaves_what_was_known() {
        Bench bench(m_project);
        QVERIFY(bench.page != nullptr);
        ui::DoctorPage& page = *bench.page;
        page.choose_run(1);
        QTRY_VERIFY_WITH_TIMEOUT(page.is_ready() && page.chosen_run() == 1 && page.diagnosis().has_value(), patience);
        QSignalSpy looked(&page, &ui::DoctorPage::looked);
        page.look();
        QTest::keyClick(&page, Qt::Key_Escape);
        QVERIFY(looked.count() == 1 || looked.wait(patience));
        QVERIFY(page.findChild<ui::ErrorBanner*>()->text().isEmpty());
        QVERIFY(page.diagnosis().has_value());
        QVERIFY(child<QPushButton>(page, "look")->isEnabled());
    }
};

int main(int argc, char** argv) {
    return run_window_tests<DoctorPageTest>(argc, argv);
}
#include "DoctorPageTest.moc"
