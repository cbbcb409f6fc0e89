// What the check found, in words: whether gradient flows, why not, and what to write instead.
#pragma once

#include <QFrame>
#include <vector>

#include "ui/loss/LossReport.h"
#include "ui/widgets/Theme.h"

class QGridLayout;
class QLabel;
class QPlainTextEdit;
class QToolButton;

namespace lossmith::ui {

class MutedLabel;

class VerdictCard : public QFrame {
    Q_OBJECT

public:
    explicit VerdictCard(QWidget* parent = nullptr);

    /// `of_the_project`: the rows checked were the project's, not the sample's. `can_rewrite`: the text may be changed.
    void set_report(const LossReport& report, bool of_the_project, bool can_rewrite);
    /// Nothing has been checked yet, or nothing can be; `sentence` says what.
    void set_sentence(const QString& sentence);
    void set_slow(bool slow);
    [[nodiscard]] QString headline() const;
    [[nodiscard]] QString reason() const;

Q_SIGNALS:
    void rewrite_wanted(const lossmith::ui::LossRewrite& rewrite);

private:
    void set_look(Role role);
    void show_rewrites(const LossReport& report, bool can_rewrite);
    void show_prints(const QStringList& prints);

    MutedLabel* m_headline;
    MutedLabel* m_checked;
    MutedLabel* m_slow;
    QLabel* m_reason;
    QWidget* m_rewrites = nullptr;
    QToolButton* m_prints_toggle;
    QPlainTextEdit* m_prints;
};

/// "Gradient stops at line 3, argmax."
[[nodiscard]] QString verdict_headline(const LossReport& report);
/// Why, in plain words: the message, the reason of the first cut, the hint.
[[nodiscard]] QString verdict_reason(const LossReport& report);

}  // namespace lossmith::ui
