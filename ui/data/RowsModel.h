// The project's rows as a table of any length: pages of rows are read as they come into view.
#pragma once

#include <QAbstractTableModel>
#include <QCache>
#include <QPointer>
#include <QSet>
#include <optional>
#include <vector>

#include "core/project/DataStore.h"

namespace lossmith::ui {

class ProjectSession;

[[nodiscard]] QString title_of(Split split);  ///< "train", "validation", "test", translated

class RowsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { LineColumn, SplitColumn, ProblemColumn, SolutionColumn, ColumnCount };

    explicit RowsModel(QObject* parent = nullptr);

    /// `rows`: how many there are of this split.
    void show_rows(ProjectSession* session, std::optional<Split> split, std::int64_t rows);
    /// Null while its page has not been read.
    [[nodiscard]] const Row* row_at(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void page_read();
    void failed(const lossmith::Error& error);

private:
    void want_page(int page) const;
    void take_page(int page, int generation, Result<std::vector<Row>> rows);

    QPointer<ProjectSession> m_session;
    std::optional<Split> m_split;
    int m_rows = 0;
    int m_generation = 0;
    mutable QCache<int, std::vector<Row>> m_pages;
    mutable QSet<int> m_wanted;
};

}  // namespace lossmith::ui
