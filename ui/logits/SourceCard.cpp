#include "ui/logits/SourceCard.h"

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int settle_milliseconds = 350;
constexpr int editor_height = 66;
const QString typed_key = QStringLiteral("logits/typed");
const QString row_key = QStringLiteral("logits/row");
const QString source_key = QStringLiteral("logits/source");

struct FetchedRow {
    std::int64_t count = 0;
    std::optional<Row> row;
};

Result<FetchedRow> fetch(Project& project, int number) {
    FetchedRow fetched;
    fetched.count = LOSSMITH_TRY(project.data().count());
    const auto rows = LOSSMITH_TRY(project.data().rows({}, 1, std::max(number, 1) - 1));
    if (!rows.empty()) fetched.row = rows.front();
    return fetched;
}

}  // namespace

SourceCard::SourceCard(QWidget* parent)
    : Card({}, parent),
      m_row_chip(new Chip(tr("a row of the data"))),
      m_typed_chip(new Chip(tr("typed text"))),
      m_number(new QSpinBox),
      m_row_text(new ElidedLabel),
      m_editor(new QPlainTextEdit),
      m_settle(new QTimer(this)) {
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    for (Chip* chip : {m_row_chip, m_typed_chip}) {
        chip->setCheckable(true);
        line->addWidget(chip);
        connect(chip, &Chip::clicked, this, [this, chip] {
            set_is_row(chip == m_row_chip);
            remember();
            Q_EMIT changed();
        });
    }
    m_row_chip->setObjectName(QStringLiteral("source_row"));
    m_typed_chip->setObjectName(QStringLiteral("source_typed"));
    m_number->setObjectName(QStringLiteral("row_number"));
    m_number->setAccessibleName(tr("Row"));
    m_number->setPrefix(tr("row "));
    m_number->setRange(1, 1);
    m_number->setGroupSeparatorShown(true);
    m_number->setKeyboardTracking(false);
    m_editor->setObjectName(QStringLiteral("typed_text"));
    m_editor->setAccessibleName(tr("Text to look at"));
    m_editor->setPlaceholderText(tr("Type or paste a text; <|endoftext|> is the token of that name."));
    m_editor->setFont(Theme::token_font());
    m_editor->setFixedHeight(editor_height);
    m_editor->setTabChangesFocus(true);
    line->addWidget(m_number);
    line->addWidget(m_row_text, 1);
    line->addStretch();
    body()->addLayout(line);
    body()->addWidget(m_editor);
    m_settle->setSingleShot(true);
    m_settle->setInterval(settle_milliseconds);
    {
        const QSignalBlocker quiet(m_editor);
        m_editor->setPlainText(QSettings().value(typed_key).toString());
    }
    connect(m_editor, &QPlainTextEdit::textChanged, m_settle, qOverload<>(&QTimer::start));
    connect(m_settle, &QTimer::timeout, this, [this] {
        remember();
        if (!is_row()) Q_EMIT changed();
    });
    connect(m_number, &QSpinBox::valueChanged, this, [this] {
        remember();
        fetch_row();
    });
    set_is_row(QSettings().value(source_key, QStringLiteral("row")).toString() == QStringLiteral("row"));
}

bool SourceCard::is_row() const {
    return m_row_chip->isChecked();
}

void SourceCard::set_is_row(bool row) {
    m_row_chip->setChecked(row);
    m_typed_chip->setChecked(!row);
    m_number->setVisible(row);
    m_row_text->setVisible(row);
    m_editor->setVisible(!row);
}

void SourceCard::remember() const {
    QSettings settings;
    settings.setValue(typed_key, m_editor->toPlainText());
    settings.setValue(row_key, m_number->value());
    settings.setValue(source_key, is_row() ? QStringLiteral("row") : QStringLiteral("typed"));
}

void SourceCard::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_row.reset();
    m_is_read = false;
    ++m_asked;
    if (!m_session) return show_row();
    connect(m_session, &ProjectSession::changed, this, &SourceCard::fetch_row);
    const QSignalBlocker quiet(m_number);
    const int row = std::max(QSettings().value(row_key, 1).toInt(), 1);
    m_number->setMaximum(row);
    m_number->setValue(row);
    fetch_row();
}

void SourceCard::fetch_row() {
    if (!m_session) return;
    m_session->ask(
        this, [number = m_number->value()](Project& project) { return fetch(project, number); },
        [this, asked = ++m_asked](Result<FetchedRow> fetched) {
            if (asked != m_asked) return;
            const bool first = !std::exchange(m_is_read, true);
            if (!fetched) return Q_EMIT failed(fetched.error());
            m_count = fetched->count;
            {
                const QSignalBlocker quiet(m_number);
                const int before = m_number->value();
                m_number->setMaximum(static_cast<int>(std::max<std::int64_t>(m_count, 1)));
                m_number->setSuffix(tr(" of %1").arg(count_text(m_count)));
                if (m_number->value() != before) {
                    m_is_read = false;
                    return fetch_row();
                }
            }
            const bool same = m_row && fetched->row && m_row->problem == fetched->row->problem && m_row->solution == fetched->row->solution;
            m_row = std::move(fetched->row);
            show_row();
            if (first) Q_EMIT read();
            if (!same && is_row()) Q_EMIT changed();
        });
}

void SourceCard::show_row() {
    m_row_text->set_text(m_row ? one_line(QString::fromStdString(m_row->problem)) + QStringLiteral("  →  ") +
                                     one_line(QString::fromStdString(m_row->solution).trimmed())
                               : tr("The project has no rows yet."));
}

void SourceCard::set_template(const TemplateSpec& spec) {
    m_template = spec;
}

void SourceCard::set_typed(const QString& text) {
    {
        const QSignalBlocker quiet(m_editor);
        m_editor->setPlainText(text);
    }
    m_settle->stop();
    set_is_row(false);
    remember();
    Q_EMIT changed();
}

void SourceCard::choose_row(int row) {
    set_is_row(true);
    m_number->setValue(row);
    remember();
    Q_EMIT changed();
}

std::optional<Json> SourceCard::params() const {
    if (!is_row()) {
        const std::string text = m_editor->toPlainText().toStdString();
        return text.empty() ? std::nullopt : std::optional(Json{{"text", text}});
    }
    if (!m_row) return {};
    return Json{{"problem", m_row->problem}, {"solution", m_row->solution}, {"template", m_template}};
}

}  // namespace lossmith::ui

#include "moc_SourceCard.cpp"
