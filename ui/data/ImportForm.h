// How a file is read, as controls: what the user has not touched is guessed, and the guess is shown.
#pragma once

#include <QWidget>
#include <optional>

#include "core/data/Import.h"
#include "core/data/Split.h"

class QCheckBox;
class QComboBox;

namespace lossmith::ui {

class ImportForm : public QWidget {
    Q_OBJECT

public:
    explicit ImportForm(QWidget* parent = nullptr);

    /// A new file: nothing is touched.
    void reset();
    /// Only what the user set.
    [[nodiscard]] const ImportOptions& wanted() const { return m_wanted; }
    [[nodiscard]] std::optional<Split> forced_split() const;
    /// Fills the untouched controls.
    void show_guess(const ImportGuess& guess);

Q_SIGNALS:
    void changed();

private:
    void connect_controls();

    ImportOptions m_wanted;
    QComboBox* m_format;
    QComboBox* m_encoding;
    QComboBox* m_delimiter;
    QComboBox* m_quote;
    QCheckBox* m_header;
    QComboBox* m_problem;
    QComboBox* m_solution;
    QCheckBox* m_duplicates;
    QComboBox* m_split;
};

}  // namespace lossmith::ui
