// The list of pages. Each is made when it is first shown.
#include "app/lossmith/Pages.h"

#include <QCoreApplication>

#include "ui/data/DataPage.h"
#include "ui/start/StartPage.h"

namespace lossmith::app {

namespace {
QString translated(const char* text) {
    return QCoreApplication::translate("lossmith::app::Pages", text);
}
}  // namespace

std::vector<ui::PageEntry> page_entries(EngineClient& engine, ui::RecentProjects& recent) {
    Q_UNUSED(engine)
    std::vector<ui::PageEntry> pages;
    pages.push_back({QStringLiteral("start"),
                     translated("Start"),
                     QStringLiteral("go-home"),
                     [&recent](QWidget* parent) { return new ui::StartPage(recent, parent); },
                     {}});
    pages.push_back({QStringLiteral("data"),
                     translated("Data"),
                     QStringLiteral("table"),
                     [](QWidget* parent) { return new ui::DataPage(parent); },
                     {QStringLiteral("csv"), QStringLiteral("tsv"), QStringLiteral("jsonl"), QStringLiteral("ndjson"),
                      QStringLiteral("json"), QStringLiteral("txt"), QString()}});
    return pages;
}

}  // namespace lossmith::app
