#include "ui/tokens/SpecialTokensCard.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/generation/TokenTrace.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {
namespace {

const QString end_of_text = QStringLiteral("<|endoftext|>");

QString logit_text(const Json& share) {
    return QString::number(share.value("logit", 0.0), 'f', 1);
}

QString probability_text(const Json& share) {
    const double probability = share.value("probability", 0.0);
    return probability > 0.0 && probability < 0.0005 ? QStringLiteral("< 0.1 %")
                                                     : QString::number(100.0 * probability, 'f', 1) + QStringLiteral(" %");
}

}  // namespace

SpecialTokensCard::SpecialTokensCard(QWidget* parent)
    : Card(tr("Special tokens"), parent),
      m_table(new QTableWidget(0, 7)),
      m_name(new QLineEdit),
      m_add(new QPushButton(tr("Add"))),
      m_remove(new QPushButton(tr("Remove"))),
      m_look(new QPushButton(tr("What do they do?"))),
      m_start(new QComboBox),
      m_end(new QComboBox),
      m_padding(new QComboBox),
      m_begun(new QComboBox),
      m_lesson(new MutedLabel) {
    m_table->setObjectName(QStringLiteral("special_tokens"));
    m_table->setAccessibleName(tr("Special tokens"));
    m_table->setHorizontalHeaderLabels(
        {tr("id"), tr("token"), tr("role"), tr("near"), tr("logit"), tr("at random"), tr("takes at random")});
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    dress_table(m_table, QStringLiteral("special_tokens"));
    constexpr int widths[] = {64, 124, 60, 100, 52, 84, 116};
    m_table->setMinimumHeight(96);
    for (int column = 0; column < m_table->columnCount(); ++column) m_table->setColumnWidth(column, widths[column]);
    m_name->setObjectName(QStringLiteral("special_name"));
    m_name->setPlaceholderText(tr("a new token, e.g. <|reply|>"));
    m_name->setAccessibleName(tr("Name of a new token"));
    m_add->setObjectName(QStringLiteral("special_add"));
    m_remove->setObjectName(QStringLiteral("special_remove"));
    m_look->setObjectName(QStringLiteral("special_look"));
    m_look->setToolTip(tr("Measures their logits beside all others' on a few training rows"));
    m_lesson->setObjectName(QStringLiteral("special_lesson"));
    header()->addWidget(m_look);

    auto* names = new QHBoxLayout;
    names->addWidget(m_name, 1);
    names->addWidget(m_add);
    names->addWidget(m_remove);
    auto* roles = new QGridLayout;
    const auto role = [roles](int column, const QString& caption, QComboBox* box, const char* name) {
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(caption);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMinimumWidth(72);
        roles->addWidget(new MutedLabel(caption), 0, column);
        roles->addWidget(box, 1, column);
    };
    role(0, tr("Start"), m_start, "role_start");
    role(1, tr("End"), m_end, "role_end");
    role(2, tr("Padding"), m_padding, "role_padding");
    role(3, tr("Added ones begin"), m_begun, "begun");
    for (int column = 0; column < 4; ++column) roles->setColumnStretch(column, column == 0 ? 2 : 3);  // mostly nothing stands at the start
    m_begun->addItem(tr("as the mean"), static_cast<int>(AddedTokensInit::Mean));
    m_begun->addItem(tr("at random"), static_cast<int>(AddedTokensInit::Random));
    body()->addWidget(m_table, 1);
    body()->addLayout(names);
    body()->addLayout(roles);
    body()->addWidget(m_lesson);

    connect(m_add, &QPushButton::clicked, this, &SpecialTokensCard::add_token);
    connect(m_name, &QLineEdit::returnPressed, this, &SpecialTokensCard::add_token);
    connect(m_remove, &QPushButton::clicked, this, &SpecialTokensCard::remove_token);
    connect(m_look, &QPushButton::clicked, this, &SpecialTokensCard::look_wanted);
    connect(m_start, &QComboBox::activated, this, [this] { choose_role(&TemplateSpec::start_token, *m_start); });
    connect(m_end, &QComboBox::activated, this, [this] { choose_role(&TemplateSpec::end_token, *m_end); });
    connect(m_padding, &QComboBox::activated, this, [this] { choose_role(&TemplateSpec::pad_token, *m_padding); });
    connect(m_begun, &QComboBox::activated, this, [this] {
        TemplateSpec spec = m_spec;
        spec.added_tokens_init = static_cast<AddedTokensInit>(m_begun->currentData().toInt());
        Q_EMIT spec_wanted(spec);
    });
    set_spec({});
}

void SpecialTokensCard::set_spec(const TemplateSpec& spec) {
    m_spec = spec;
    fill_roles();
    m_begun->setCurrentIndex(m_begun->findData(static_cast<int>(spec.added_tokens_init)));
    // The names at once; what they do once the engine was asked.
    m_table->setRowCount(0);
    QStringList names = {end_of_text};
    for (const std::string& name : spec.added_tokens) names.append(QString::fromStdString(name));
    for (const QString& name : names) {
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        m_table->setItem(row, 1, new QTableWidgetItem(name));
    }
    m_remove->setEnabled(!spec.added_tokens.empty());
    m_lesson->setText(tr("Ask what they do: which words their embeddings are near, and how much of the probability they take."));
}

void SpecialTokensCard::fill_roles() {
    for (const auto& [box, token] :
         {std::pair{m_start, &m_spec.start_token}, std::pair{m_end, &m_spec.end_token}, std::pair{m_padding, &m_spec.pad_token}}) {
        box->clear();
        box->addItem(box == m_padding ? tr("the end token") : tr("none"), QString());
        box->addItem(end_of_text, end_of_text);
        for (const std::string& name : m_spec.added_tokens) box->addItem(QString::fromStdString(name), QString::fromStdString(name));
        const QString chosen = QString::fromStdString(*token);
        if (box->findData(chosen) < 0) box->addItem(chosen, chosen);
        box->setCurrentIndex(box->findData(chosen));
    }
}

void SpecialTokensCard::choose_role(std::string TemplateSpec::* role, const QComboBox& box) {
    TemplateSpec spec = m_spec;
    spec.*role = box.currentData().toString().toStdString();
    Q_EMIT spec_wanted(spec);
}

void SpecialTokensCard::add_token() {
    const std::string name = m_name->text().trimmed().toStdString();
    if (name.empty() || std::ranges::find(m_spec.added_tokens, name) != m_spec.added_tokens.end()) return;
    TemplateSpec spec = m_spec;
    spec.added_tokens.push_back(name);
    m_name->clear();
    Q_EMIT spec_wanted(spec);
}

void SpecialTokensCard::remove_token() {
    const int row = m_table->currentRow();
    const QTableWidgetItem* item = row >= 0 ? m_table->item(row, 1) : nullptr;
    TemplateSpec spec = m_spec;
    const std::string name = item != nullptr ? item->text().toStdString() : std::string();
    if (std::erase(spec.added_tokens, name) == 0) return;
    // What is gone has no part in the template any more.
    for (std::string TemplateSpec::* role : {&TemplateSpec::start_token, &TemplateSpec::end_token, &TemplateSpec::pad_token})
        if (spec.*role == name) (spec.*role).clear();
    Q_EMIT spec_wanted(spec);
}

void SpecialTokensCard::set_busy(bool busy) {
    m_look->setEnabled(!busy);
    m_look->setText(busy ? tr("Asking the model…") : tr("What do they do?"));
}

QString SpecialTokensCard::lesson(const Json& answer) {
    const Json others = answer.value("others", Json::object());
    double taken = 0.0;
    bool any = false;
    for (const Json& token : answer.value("tokens", Json::array())) {
        if (!token.value("added", false)) continue;
        any = true;
        taken += token.value("random", Json::object()).value("probability", 0.0);
    }
    const QString mean = QString::number(others.value("mean", 0.0), 'f', 1);
    QString text = tr("All other tokens' logits lie at %1 on average here, the largest at %2.")
                       .arg(mean, QString::number(others.value("highest", 0.0), 'f', 1));
    if (any)
        text += QLatin1Char(' ') + tr("Begun at random the added ones would take %1 of the probability at once.")
                                       .arg(QString::number(100.0 * taken, 'f', 1) + QStringLiteral(" %"));
    return text + QLatin1Char(' ') +
           tr("In GPT-2 proper all logits lie near -110; the forum thread's two tokens, 50257 as start and 50258 as padding, had random "
              "embeddings and so "
              "logits of +4 and 0: softmax gave them everything. As the mean of the known embeddings an added token's logit is the others' "
              "mean.");
}

void SpecialTokensCard::show_answer(const Json& answer) {
    const Json tokens = answer.value("tokens", Json::array());
    m_table->setRowCount(static_cast<int>(tokens.size()));
    int row = 0;
    for (const Json& token : tokens) {
        QStringList near;
        for (const Json& neighbour : token.value("neighbours", Json::array()))
            near.append(QStringLiteral("“%1” %2").arg(shown_token(neighbour.value("text", std::string())),
                                                      QString::number(neighbour.value("cosine", 0.0), 'f', 2)));
        const bool added = token.value("added", false);
        const Json random = token.value("random", Json::object());
        const QStringList cells = {QString::number(token.value("id", 0)),
                                   QString::fromStdString(token.value("name", std::string())),
                                   QString::fromStdString(token.value("role", std::string())),
                                   near.join(QStringLiteral(", ")),
                                   logit_text(token.value("mean", Json::object())),
                                   added ? logit_text(random) : QString(),
                                   added ? probability_text(random) : QString()};
        for (int column = 0; column < cells.size(); ++column) m_table->setItem(row, column, new QTableWidgetItem(cells[column]));
        ++row;
    }
    m_lesson->setText(lesson(answer));
}

}  // namespace lossmith::ui

#include "moc_SpecialTokensCard.cpp"
