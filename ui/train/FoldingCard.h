// A card of form fields that folds away, and says how many of its fields differ from their defaults.
#pragma once

#include <QString>
#include <vector>

#include "ui/widgets/Card.h"

class QGridLayout;
class QToolButton;

namespace lossmith::ui {

class FieldEditor;
class MutedLabel;

class FoldingCard : public Card {
    Q_OBJECT

public:
    FoldingCard(const QString& title, bool open, QWidget* parent = nullptr);

    /// What the fields hang in: made with it as their parent, they are styled only once.
    [[nodiscard]] QWidget* inside() const { return m_inside; }
    void add_field(FieldEditor* field);
    void set_open(bool open);
    [[nodiscard]] bool is_open() const;
    /// What the folded card tells: "2 changed", "1 wrong".
    void refresh_summary();

private:
    std::vector<FieldEditor*> m_fields;
    QWidget* m_inside;
    QGridLayout* m_grid;
    QToolButton* m_fold;
    MutedLabel* m_summary;
};

}  // namespace lossmith::ui
