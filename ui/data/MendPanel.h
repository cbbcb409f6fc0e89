// Below the set-aside list: the chosen row's raw text, and two fields to make a row of it.
#pragma once

#include <QWidget>
#include <cstdint>
#include <string>

#include "core/project/DataStore.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace lossmith::ui {

class MutedLabel;

class MendPanel : public QWidget {
    Q_OBJECT

public:
    explicit MendPanel(QWidget* parent = nullptr);

    void show_row(const StoredAside& aside);

Q_SIGNALS:
    void mend_wanted(std::int64_t aside, const std::string& problem, const std::string& solution);
    void left_out();

private:
    std::int64_t m_aside = 0;
    MutedLabel* m_reason;
    QPlainTextEdit* m_raw;
    QPlainTextEdit* m_problem;
    QPlainTextEdit* m_solution;
    QPushButton* m_mend;
};

}  // namespace lossmith::ui
