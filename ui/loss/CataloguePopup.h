// All losses that come with the program, to search and read about.
#pragma once

#include <QFrame>
#include <vector>

#include "ui/loss/LossReport.h"

class QLineEdit;
class QListWidget;

namespace lossmith::ui {

class CataloguePopup : public QFrame {
    Q_OBJECT

public:
    explicit CataloguePopup(QWidget* parent = nullptr);

    void set_entries(const std::vector<CatalogueEntry>& entries);
    void show_below(QWidget* widget);
    [[nodiscard]] QLineEdit* search() const { return m_search; }
    [[nodiscard]] QStringList shown_names() const;

Q_SIGNALS:
    void chosen(const QString& name);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter();
    void choose_current();

    std::vector<CatalogueEntry> m_entries;
    QLineEdit* m_search;
    QListWidget* m_list;
};

}  // namespace lossmith::ui
