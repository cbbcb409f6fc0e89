// Which runs the table shows, by words typed, and in which order.
#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace lossmith::ui {

/// Every word must occur in some cell of the row, in any case: "failed tagged-x".
class RunsFilter : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit RunsFilter(QObject* parent = nullptr);

    void set_words(const QString& text);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QStringList m_words;
};

}  // namespace lossmith::ui
