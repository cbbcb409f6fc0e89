// What was made of a text by putting other tokens in it, as a tree: the text, the token put there, and how each model went on.
#pragma once

#include <QAbstractItemModel>
#include <cstdint>
#include <string>
#include <vector>

#include "ui/logits/InspectedText.h"

namespace lossmith::ui {

enum class BranchKind {
    Text,       ///< what was asked for in the first place
    Forced,     ///< ends with the token put at `place`
    Changed,    ///< the token at `place` was replaced, the rest kept
    Continued,  ///< how `side` went on from its parent
};

struct Branch {
    int id = 0;      ///< from 1; 0: not in a model yet
    int parent = 0;  ///< 0: none
    BranchKind kind = BranchKind::Text;
    ModelSide side = ModelSide::Tuned;  ///< of Continued
    int place = 0;                      ///< the first token that differs from the parent's
    std::string text;                   ///< what is new: the token, or the continuation
    std::vector<std::int64_t> ids;      ///< the whole text

    bool operator==(const Branch&) const = default;
};

class BranchModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column { What, New, ColumnCount };

    using QAbstractItemModel::QAbstractItemModel;

    /// Forgets everything and begins with this text; gives its id.
    int begin(std::vector<std::int64_t> ids, std::string text);
    void clear();
    /// Gives its id: its own where it has one (a branch put back), else a new one. The parent must be there.
    int add(Branch branch);
    /// With all that hangs below it, which is given back, parents first.
    std::vector<Branch> remove(int id);
    void go_on(int id, std::int64_t token, const std::string& text);                        ///< appends a token
    void set_continuation(int id, std::vector<std::int64_t> ids, const std::string& text);  ///< the whole text's ids, what is new

    [[nodiscard]] const Branch* branch(int id) const;
    [[nodiscard]] const Branch* branch_at(const QModelIndex& index) const { return branch(static_cast<int>(index.internalId())); }
    [[nodiscard]] QModelIndex index_of(int id, int column = 0) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& index) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] std::vector<int> children_of(int id) const;
    [[nodiscard]] Branch* find(int id);
    void tell_changed(int id);

    std::vector<Branch> m_branches;  ///< a parent before its children
    int m_next = 1;
};

}  // namespace lossmith::ui
