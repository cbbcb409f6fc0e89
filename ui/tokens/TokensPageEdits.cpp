// What the page Tokens changes in the project: labels by hand, the rule, special tokens; each can be undone.
#include <QComboBox>
#include <QSpinBox>
#include <QUndoStack>
#include <algorithm>

#include "core/project/Project.h"
#include "core/project/TemplateStore.h"
#include "core/protocol/EngineClient.h"
#include "ui/shell/ProjectSession.h"
#include "ui/tokens/LabelRuleForm.h"
#include "ui/tokens/SpecialTokensCard.h"
#include "ui/tokens/TokensPage.h"
#include "ui/widgets/ErrorBanner.h"

namespace lossmith::ui {

class TokensPage::SetLabels : public QUndoCommand {
public:
    SetLabels(TokensPage& page, std::int64_t row, RowLabels before, RowLabels after)
        : QUndoCommand(TokensPage::tr("labels of row %1").arg(row)),
          m_page(page),
          m_row(row),
          m_before(std::move(before)),
          m_after(std::move(after)) {}
    void redo() override { m_page.store_labels(m_row, m_after); }
    void undo() override { m_page.store_labels(m_row, m_before); }

private:
    TokensPage& m_page;
    std::int64_t m_row;
    RowLabels m_before, m_after;
};

class TokensPage::SetTemplate : public QUndoCommand {
public:
    SetTemplate(TokensPage& page, TemplateSpec before, TemplateSpec after)
        : QUndoCommand(TokensPage::tr("the template")), m_page(page), m_before(std::move(before)), m_after(std::move(after)) {}
    void redo() override { write(m_after); }
    void undo() override { write(m_before); }

private:
    void write(const TemplateSpec& spec) {
        if (!m_page.m_session) return;
        m_page.m_draft = spec;
        m_page.m_saved = spec;
        m_page.m_rule->set_spec(spec);
        m_page.m_session->ask(
            &m_page, [spec](Project& project) { return project.templates().set_current(spec); },
            [page = &m_page](const Status& written) { written ? page->read() : page->m_error->show_error(written.error()); });
    }

    TokensPage& m_page;
    TemplateSpec m_before, m_after;
};

void TokensPage::store_labels(std::int64_t row, const RowLabels& labels) {
    if (!m_session) return;
    if (labels.empty())
        m_labels.erase(row);
    else
        m_labels[row] = labels;
    draw();
    count_shares();
    m_session->ask(
        this, [row, labels](Project& project) { return project.data().set_labels(row, labels); },
        [this](const Status& stored) {
            if (!stored) m_error->show_error(stored.error());
        });
}

void TokensPage::label_selection(bool labelled) {
    if (m_view->current() < 0) return;
    const auto [first, last] = m_view->selection();
    const TokenView::Place begin = m_view->place_of(first);
    const TokenView::Place end = m_view->place_of(last);
    const TokenSection& section = m_view->sections()[begin.section];
    if (section.row == 0 || begin.section != end.section) return;
    const auto found = m_labels.find(section.row);
    const RowLabels before = found == m_labels.end() ? RowLabels{} : found->second;
    RowLabels after = before;
    for (const LabelledRange& range : labels_by_hand(section.view, begin.token, end.token, labelled)) after.push_back(range);
    after = tidied(after);
    if (after != before) m_undo->push(new SetLabels(*this, section.row, before, after));
}

void TokensPage::back_to_rule() {
    if (m_view->current() < 0) return;
    const std::int64_t row = m_view->sections()[m_view->place_of(m_view->current()).section].row;
    if (const auto found = m_labels.find(row); found != m_labels.end()) m_undo->push(new SetLabels(*this, row, found->second, {}));
}

void TokensPage::use_rule() {
    if (m_draft != m_saved) store_template(m_draft);
}

void TokensPage::store_template(const TemplateSpec& spec) {
    if (auto wrong = spec.validate(); !wrong.empty()) return m_error->show_error(wrong.front());
    m_undo->push(new SetTemplate(*this, m_saved, spec));
}

void TokensPage::revert_rule() {
    m_draft = m_saved;
    m_rule->set_spec(m_draft);
    draw();
    count_shares();
    show_state();
}

void TokensPage::find(const QString& words) {
    if (!m_session || words.trimmed().isEmpty()) return;
    m_session->ask(
        this,
        [words = words.trimmed(), from = static_cast<std::int64_t>(m_index->value()),
         rows = m_rows](Project& project) -> Result<std::int64_t> {
            constexpr std::int64_t at_once = 1'000;
            // Once around, beginning after the row on show.
            for (std::int64_t looked = 0; looked < rows;) {
                const std::int64_t offset = (from + looked) % rows;
                const std::int64_t count = std::min({at_once, rows - offset, rows - looked});
                std::int64_t place = offset;
                for (const Row& row : LOSSMITH_TRY(project.data().rows({}, count, offset))) {
                    ++place;
                    if (QString::fromStdString(row.problem).contains(words, Qt::CaseInsensitive) ||
                        QString::fromStdString(row.solution).contains(words, Qt::CaseInsensitive))
                        return place;
                }
                looked += count;
            }
            return std::int64_t{0};
        },
        [this, words](const Result<std::int64_t>& place) {
            if (!place)
                m_error->show_error(place.error());
            else if (*place == 0)
                Q_EMIT status_message(tr("No row holds “%1”.").arg(words));
            else
                show_row(static_cast<int>(*place));
        });
}

void TokensPage::look_at_special_tokens() {
    if (!m_session || m_special_question != 0) return;
    m_special->set_busy(true);
    m_special_question = m_engine.request(QStringLiteral("special_tokens"),
                                          {{"project", m_session->path().string()}, {"model", "starter"}, {"template", m_saved}}, this,
                                          [this](const Result<Json>& answer) {
                                              m_special_question = 0;
                                              m_special->set_busy(false);
                                              if (answer)
                                                  m_special->show_answer(*answer);
                                              else
                                                  m_error->show_error(answer.error());
                                          });
}

}  // namespace lossmith::ui
