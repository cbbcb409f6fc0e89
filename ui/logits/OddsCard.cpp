#include "ui/logits/OddsCard.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

#include "core/data/Split.h"
#include "ui/logits/InspectedText.h"
#include "ui/logits/OddsModel.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/ProgressStrip.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {

namespace {

constexpr int usual_rows = 200;
constexpr int most_rows = 1'000'000;
constexpr int tokens_told = 50;

}  // namespace

OddsCard::OddsCard(EngineClient& engine, ProgressStrip& progress, QWidget* parent)
    : Card({}, parent),
      m_request(engine, this),
      m_risen(new OddsModel(this)),
      m_fallen(new OddsModel(this)),
      m_split(new QComboBox),
      m_rows(new QSpinBox),
      m_start(new QPushButton(tr("Find"))),
      m_progress(progress),
      m_about(new MutedLabel),
      m_tables(new QWidget) {
    for (const Split split : {Split::Validation, Split::Test, Split::Train}) m_split->addItem(QString::fromLatin1(name_of(split)));
    m_split->setAccessibleName(tr("Rows of which split"));
    m_rows->setRange(1, most_rows);
    m_rows->setValue(usual_rows);
    m_rows->setGroupSeparatorShown(true);
    m_rows->setPrefix(tr("at most "));
    m_rows->setSuffix(tr(" rows"));
    m_rows->setAccessibleName(tr("At most so many rows"));
    m_rows->setObjectName(QStringLiteral("odds_rows"));
    m_start->setObjectName(QStringLiteral("find_odds"));
    auto* controls = new QHBoxLayout;
    for (QWidget* control : std::initializer_list<QWidget*>{m_split, m_rows, m_start}) controls->addWidget(control);
    controls->addStretch();
    body()->addLayout(controls);
    auto* both = new QHBoxLayout(m_tables);
    both->setContentsMargins(0, 0, 0, 0);
    both->setSpacing(12);
    for (const auto& [title, table] : {std::pair{tr("Likelier after tuning"), make_table(m_risen, QStringLiteral("risen"), tr("Risen"))},
                                       {tr("Less likely"), make_table(m_fallen, QStringLiteral("fallen"), tr("Fallen"))}}) {
        auto* column = new QVBoxLayout;
        column->addWidget(new SectionLabel(title));
        column->addWidget(table, 1);
        both->addLayout(column, 1);
    }
    body()->addWidget(m_about);
    body()->addWidget(m_tables, 1);
    body()->addStretch();
    connect(m_start, &QPushButton::clicked, this, &OddsCard::start);
    connect(&m_progress, &ProgressStrip::stop_wanted, this, &OddsCard::stop);
    connect(&m_request, &LatestRequest::changed, this, [this] {
        show_state();
        Q_EMIT busy_changed();
    });
    show_state();
}

QTableView* OddsCard::make_table(OddsModel* model, const QString& name, const QString& what) {
    auto* table = new QTableView;
    table->setModel(model);
    table->setObjectName(name);
    table->setAccessibleName(what);
    dress_table(table, QStringLiteral("logits_") + name);
    table->horizontalHeader()->setStretchLastSection(false);
    table->horizontalHeader()->setSectionResizeMode(OddsModel::Token, QHeaderView::Stretch);
    constexpr int width = 58;
    for (const int column : {OddsModel::Base, OddsModel::Tuned, OddsModel::Times}) table->setColumnWidth(column, width);
    table->setColumnWidth(OddsModel::Count, 44);
    return table;
}

void OddsCard::set_models(const std::string& base, const std::string& tuned, const std::string& project, const Json& template_spec) {
    Json models = base.empty() ? Json::object() : Json{{"base", base}, {"tuned", tuned}, {"project", project}, {"template", template_spec}};
    if (models == m_models) return;
    m_models = std::move(models);
    m_request.forget();
    m_risen->set_changes({});
    m_fallen->set_changes({});
    m_about->clear();
    show_state();
}

void OddsCard::start() {
    if (m_models.empty()) return;
    Json params = m_models;
    params["split"] = m_split->currentText().toStdString();
    params["rows"] = m_rows->value();
    params["top_k"] = tokens_told;
    m_about->clear();
    m_progress.start(tr("Reading rows under both models"));
    m_request.ask(
        QStringLiteral("inspect/odds"), params,
        [this](const Result<Json>& answer) {
            if (!answer) return Q_EMIT failed(answer.error());
            take(*answer);
        },
        [this](const Json& value) { m_progress.set_progress({{}, whole_number_in(value, "done"), whole_number_in(value, "total")}); });
}

void OddsCard::take(const Json& answer) {
    m_risen->set_changes(odds_from_json(list_in(answer, "risen")));
    m_fallen->set_changes(odds_from_json(list_in(answer, "fallen")));
    m_about->setText(
        tr("Mean probability at %1 labelled places of %2 rows, base and tuned, and by what its odds were multiplied or divided.")
            .arg(count_text(whole_number_in(answer, "places")), count_text(whole_number_in(answer, "rows"))));
    show_state();
}

void OddsCard::stop() {
    m_request.forget();
}

void OddsCard::show_state() {
    const bool any = m_risen->rowCount() + m_fallen->rowCount() > 0;
    if (!m_request.is_asking()) m_progress.finish();
    m_start->setEnabled(!m_models.empty() && !m_request.is_asking());
    m_tables->setVisible(any);
    if (m_models.empty())
        m_about->setText(tr("This takes two models: choose “beside the base” above."));
    else if (!any && !m_request.is_asking())
        m_about->setText(
            tr("Which tokens has tuning made likelier over the rows, and which less likely? Both models read the labelled places."));
    m_about->setVisible(!m_about->text().isEmpty());
}

}  // namespace lossmith::ui

#include "moc_OddsCard.cpp"
