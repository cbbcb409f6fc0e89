// Rows set aside by imports: line, reason, what is wrong, the raw text. More are read as the table is scrolled down.
#pragma once

#include <QAbstractTableModel>
#include <QPointer>
#include <vector>

#include "core/project/DataStore.h"

namespace lossmith::ui {

class ProjectSession;

[[nodiscard]] QString title_of(AsideReason reason);

class AsideModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { LineColumn, ReasonColumn, MessageColumn, RawColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void show_rows(ProjectSession* session, std::int64_t rows);
    [[nodiscard]] const StoredAside* row_at(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

Q_SIGNALS:
    void rows_read();
    void failed(const lossmith::Error& error);

private:
    void take(int generation, Result<std::vector<StoredAside>> rows);

    QPointer<ProjectSession> m_session;
    std::vector<StoredAside> m_rows;
    std::int64_t m_total = 0;
    int m_generation = 0;
    bool m_reading = false;
};

}  // namespace lossmith::ui
