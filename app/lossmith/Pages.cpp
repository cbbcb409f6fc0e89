// The list of pages. Each is made when it is first shown.
#include "app/lossmith/Pages.h"

#include <QCoreApplication>

#include "ui/compare/ComparePage.h"
#include "ui/data/DataPage.h"
#include "ui/doctor/DoctorPage.h"
#include "ui/logits/LogitsPage.h"
#include "ui/loss/LossPage.h"
#include "ui/playground/PlaygroundPage.h"
#include "ui/runs/RunsPage.h"
#include "ui/start/StartPage.h"
#include "ui/tokens/TokensPage.h"
#include "ui/train/TrainPage.h"

namespace lossmith::app {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("lossmith::app::Pages", text);
}

/// What the data page imports; the empty suffix stands for a folder of text files.
QStringList importable() {
    return {QStringLiteral("csv"),
            QStringLiteral("tsv"),
            QStringLiteral("jsonl"),
            QStringLiteral("ndjson"),
            QStringLiteral("json"),
            QStringLiteral("txt"),
            QString()};
}

/// The two pages know nothing of each other: Runs asks for Train first, which makes it where it was not yet, and then for the run.
ui::Page* make_runs_page(QWidget* parent) {
    auto* runs = new ui::RunsPage(parent);
    const auto train_page = [runs] { return runs->window()->findChild<ui::TrainPage*>(); };
    QObject::connect(runs, &ui::RunsPage::run_wanted, runs, [train_page](qint64 run) {
        if (ui::TrainPage* train = train_page()) train->show_run(run);
    });
    QObject::connect(runs, &ui::RunsPage::again_wanted, runs, [train_page](const RunConfig& config) {
        if (ui::TrainPage* train = train_page()) train->run_again_with(config);
    });
    QObject::connect(runs, &ui::RunsPage::resume_wanted, runs, [train_page](qint64 run) {
        if (ui::TrainPage* train = train_page()) train->resume(run);
    });
    return runs;
}

/// What the Doctor would change goes into the form of Train.
ui::Page* make_doctor_page(EngineClient& engine, QWidget* parent) {
    auto* doctor = new ui::DoctorPage(engine, parent);
    QObject::connect(doctor, &ui::DoctorPage::cure_wanted, doctor, [doctor](const RunConfig& config) {
        if (auto* train = doctor->window()->findChild<ui::TrainPage*>()) train->run_again_with(config);
    });
    return doctor;
}

/// What Loss makes goes into the form of Train, and from there one comes back to edit it. The other page is there once it was asked for.
ui::Page* make_loss_page(EngineClient& engine, QWidget* parent) {
    auto* loss = new ui::LossPage(engine, parent);
    QObject::connect(loss, &ui::LossPage::use_wanted, loss, [loss](const LossSpec& spec) {
        if (auto* train = loss->window()->findChild<ui::TrainPage*>()) train->use_loss(spec);
    });
    return loss;
}

/// What Compare and Playground show as text is looked into on Logits, which is there once it was asked for.
template <typename SourcePage>
ui::Page* make_page_that_leads_to_logits(EngineClient& engine, QWidget* parent) {
    auto* page = new SourcePage(engine, parent);
    QObject::connect(page, &SourcePage::logits_wanted, page, [page](const QString& text) {
        if (auto* logits = page->window()->template findChild<ui::LogitsPage*>()) logits->look_at(text);
    });
    return page;
}

ui::Page* make_train_page(EngineClient& engine, QWidget* parent) {
    auto* train = new ui::TrainPage(engine, parent);
    QObject::connect(train, &ui::TrainPage::loss_wanted, train, [train](const LossSpec& spec) {
        if (auto* loss = train->window()->findChild<ui::LossPage*>()) loss->show_loss(spec);
    });
    return train;
}

}  // namespace

std::vector<ui::PageEntry> page_entries(EngineClient& engine, ui::RecentProjects& recent) {
    return {
        {QStringLiteral("start"),
         translated("Start"),
         QStringLiteral("go-home"),
         [&recent](QWidget* parent) { return new ui::StartPage(recent, parent); },
         {}},
        {QStringLiteral("data"), translated("Data"), QStringLiteral("table"), [](QWidget* parent) { return new ui::DataPage(parent); },
         importable()},
        {QStringLiteral("tokens"),
         translated("Tokens"),
         QStringLiteral("code-context"),
         [&engine](QWidget* parent) { return new ui::TokensPage(engine, parent); },
         {}},
        {QStringLiteral("loss"),
         translated("Loss"),
         QStringLiteral("formula"),
         [&engine](QWidget* parent) { return make_loss_page(engine, parent); },
         {}},
        {QStringLiteral("train"),
         translated("Train"),
         QStringLiteral("media-playback-start"),
         [&engine](QWidget* parent) { return make_train_page(engine, parent); },
         {}},
        {QStringLiteral("logits"),
         translated("Logits"),
         QStringLiteral("view-statistics"),
         [&engine](QWidget* parent) { return new ui::LogitsPage(engine, parent); },
         {}},
        {QStringLiteral("compare"),
         translated("Compare"),
         QStringLiteral("view-split-left-right"),
         [&engine](QWidget* parent) { return make_page_that_leads_to_logits<ui::ComparePage>(engine, parent); },
         {}},
        {QStringLiteral("playground"),
         translated("Playground"),
         QStringLiteral("document-edit"),
         [&engine](QWidget* parent) { return make_page_that_leads_to_logits<ui::PlaygroundPage>(engine, parent); },
         {}},
        {QStringLiteral("runs"), translated("Runs"), QStringLiteral("view-list-details"), make_runs_page, {}},
        {QStringLiteral("doctor"),
         translated("Doctor"),
         QStringLiteral("help-hint"),
         [&engine](QWidget* parent) { return make_doctor_page(engine, parent); },
         {}},
    };
}

}  // namespace lossmith::app
