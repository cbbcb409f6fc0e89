// The row of losses over the editor: one's own first, then some of the catalogue's, and the way to all of them.
#pragma once

#include <QString>
#include <QWidget>
#include <vector>

class QLineEdit;
class QMenu;
class QToolButton;

namespace lossmith::ui {

class Chip;

/// `key` tells losses apart: "own/3", "catalogue/focal".
struct LossChip {
    QString key;
    QString label;
    QString tip;
    bool own = false;

    bool operator==(const LossChip&) const = default;
};

/// As many chips as there is room for, always the chosen one; the others are in a menu.
class LossChips : public QWidget {
    Q_OBJECT

public:
    explicit LossChips(QWidget* parent = nullptr);

    void set_losses(const std::vector<LossChip>& losses, const QString& chosen);
    /// A field over the chosen chip takes the new name; Escape leaves it as it was.
    void start_rename();
    [[nodiscard]] Chip* chip(const QString& key) const;
    [[nodiscard]] Chip* catalogue_chip() const { return m_catalogue; }
    [[nodiscard]] QMenu* own_menu() const { return m_own_menu; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& key);
    void new_wanted();
    void sum_wanted();
    void catalogue_wanted();
    void rename_wanted(const QString& key, const QString& name);
    void duplicate_wanted(const QString& key);
    void removal_wanted(const QString& key);

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void lay_out();
    void open_rest();

    std::vector<LossChip> m_losses;
    QString m_chosen;
    std::vector<Chip*> m_chips;
    std::vector<std::size_t> m_hidden;
    Chip* m_rest;
    Chip* m_new;
    Chip* m_sum;
    Chip* m_catalogue;
    QToolButton* m_own;
    QMenu* m_own_menu;
    QLineEdit* m_rename;
};

}  // namespace lossmith::ui
