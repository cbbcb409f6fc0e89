// The project's runs as a table: to sort, and to tag and note in place.
#pragma once

#include <QAbstractTableModel>
#include <map>
#include <vector>

#include "core/project/RunOrigins.h"
#include "core/project/RunStore.h"

namespace lossmith::ui {

/// Thin: it holds the runs it was given. Editing a name, tags or a note asks for the change by edited(); what the file then says comes
/// back through set_runs().
class RunsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        IdColumn,
        NameColumn,
        StatusColumn,
        ModelColumn,
        LossColumn,
        BestColumn,
        StepsColumn,
        DurationColumn,
        StartedColumn,
        TagsColumn,
        NoteColumn,
        ColumnCount
    };
    enum ItemRole { SortRole = Qt::UserRole + 1, RunRole };

    using QAbstractTableModel::QAbstractTableModel;

    /// Newest first. Rows that stay keep their place and selection.
    void set_runs(std::vector<Run> runs);
    /// By run, where one began from a checkpoint of another.
    void set_origins(std::map<std::int64_t, RunOrigin> origins);
    [[nodiscard]] const Run* run_at(int row) const;
    [[nodiscard]] int row_of(std::int64_t run) const;  ///< -1: not there

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

Q_SIGNALS:
    void edited(const lossmith::Run& run);

private:
    [[nodiscard]] static QString learnt_from(const RunConfig& config);
    [[nodiscard]] QString text_of(const Run& run, int column) const;
    [[nodiscard]] QVariant sort_key_of(const Run& run, int column) const;

    std::vector<Run> m_runs;
    std::map<std::int64_t, RunOrigin> m_origins;
};

}  // namespace lossmith::ui
