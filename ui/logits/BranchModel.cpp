#include "ui/logits/BranchModel.h"

#include <algorithm>

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

int BranchModel::begin(std::vector<std::int64_t> ids, std::string text) {
    clear();
    Branch root;
    root.text = std::move(text);
    root.ids = std::move(ids);
    return add(std::move(root));
}

void BranchModel::clear() {
    beginResetModel();
    m_branches.clear();
    endResetModel();
}

int BranchModel::add(Branch branch) {
    if (branch.id == 0) branch.id = m_next++;
    const int row = static_cast<int>(children_of(branch.parent).size());
    beginInsertRows(index_of(branch.parent), row, row);
    m_branches.push_back(std::move(branch));
    endInsertRows();
    return m_branches.back().id;
}

std::vector<Branch> BranchModel::remove(int id) {
    const QModelIndex at = index_of(id);
    if (!at.isValid()) return {};
    std::vector<int> below{id};
    for (const Branch& branch : m_branches)
        if (std::ranges::find(below, branch.parent) != below.end()) below.push_back(branch.id);
    const auto goes = [&below](const Branch& branch) { return std::ranges::find(below, branch.id) != below.end(); };
    std::vector<Branch> removed;
    beginRemoveRows(at.parent(), at.row(), at.row());
    std::ranges::copy_if(m_branches, std::back_inserter(removed), goes);
    std::erase_if(m_branches, goes);
    endRemoveRows();
    return removed;
}

void BranchModel::go_on(int id, std::int64_t token, const std::string& text) {
    Branch* branch = find(id);
    if (!branch) return;
    branch->ids.push_back(token);
    branch->text += text;
    tell_changed(id);
}

void BranchModel::set_continuation(int id, std::vector<std::int64_t> ids, const std::string& text) {
    Branch* branch = find(id);
    if (!branch) return;
    branch->ids = std::move(ids);
    branch->text = text;
    tell_changed(id);
}

void BranchModel::tell_changed(int id) {
    Q_EMIT dataChanged(index_of(id, 0), index_of(id, ColumnCount - 1));
}

Branch* BranchModel::find(int id) {
    const auto found = std::ranges::find(m_branches, id, &Branch::id);
    return found == m_branches.end() ? nullptr : &*found;
}

const Branch* BranchModel::branch(int id) const {
    const auto found = std::ranges::find(m_branches, id, &Branch::id);
    return found == m_branches.end() ? nullptr : &*found;
}

std::vector<int> BranchModel::children_of(int id) const {
    std::vector<int> children;
    for (const Branch& branch : m_branches)
        if (branch.parent == id) children.push_back(branch.id);
    return children;
}

QModelIndex BranchModel::index_of(int id, int column) const {
    const Branch* found = branch(id);
    if (!found) return {};
    const auto siblings = children_of(found->parent);
    const auto row = std::ranges::find(siblings, id) - siblings.begin();
    return createIndex(static_cast<int>(row), column, static_cast<quintptr>(id));
}

QModelIndex BranchModel::index(int row, int column, const QModelIndex& parent) const {
    if (!hasIndex(row, column, parent)) return {};
    const auto children = children_of(parent.isValid() ? static_cast<int>(parent.internalId()) : 0);
    return createIndex(row, column, static_cast<quintptr>(children[static_cast<std::size_t>(row)]));
}

QModelIndex BranchModel::parent(const QModelIndex& index) const {
    const Branch* found = index.isValid() ? branch_at(index) : nullptr;
    return found ? index_of(found->parent) : QModelIndex();
}

int BranchModel::rowCount(const QModelIndex& parent) const {
    if (parent.column() > 0) return 0;
    return static_cast<int>(children_of(parent.isValid() ? static_cast<int>(parent.internalId()) : 0).size());
}

int BranchModel::columnCount(const QModelIndex&) const {
    return ColumnCount;
}

QVariant BranchModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Branch* found = branch_at(index);
    if (!found) return {};
    if (role == Qt::FontRole && index.column() == New) return Theme::token_font();
    if (role == Qt::ForegroundRole && index.column() == What && found->kind == BranchKind::Continued)
        return Theme::colour(found->side == ModelSide::Base ? Role::Base : Role::Tuned);
    if (role == Qt::ToolTipRole) return QString::fromStdString(found->text);
    if (role != Qt::DisplayRole) return {};
    if (index.column() == New) {
        const QString text = QString::fromStdString(found->text);
        const bool one_token = found->kind == BranchKind::Forced || found->kind == BranchKind::Changed;
        return one_token ? shown_token(found->text) : one_line(text.trimmed());
    }
    switch (found->kind) {
        case BranchKind::Text: return tr("the text");
        case BranchKind::Forced: return tr("put at %1").arg(found->place);
        case BranchKind::Changed: return tr("changed at %1").arg(found->place);
        case BranchKind::Continued: return found->side == ModelSide::Base ? tr("base goes on") : tr("tuned goes on");
    }
    return {};
}

QVariant BranchModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    return section == What ? tr("branch") : tr("new in it");
}

}  // namespace lossmith::ui

#include "moc_BranchModel.cpp"
