#include "core/tokenizer/BytePairModel.h"

#include "core/tokenizer/PreTokenizer.h"

namespace lossmith {
namespace {

constexpr std::size_t most_idle_workspaces = 16;

}  // namespace

BytePairModel::BytePairModel(Vocabulary vocabulary) : m_vocabulary(std::move(vocabulary)), m_merges(m_vocabulary.merges) {
    for (std::size_t i = 0; i < m_byte_ids.size(); ++i) {
        const char byte = static_cast<char>(i);
        const auto id = m_vocabulary.tokens.find({&byte, 1});
        m_byte_ids[i] = id.value_or(lacking_byte(static_cast<unsigned char>(i)));
        m_lacks_bytes = m_lacks_bytes || !id;
    }
}

void BytePairModel::encode(std::string_view text, Workspace& workspace, std::vector<TokenId>& ids) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = piece_end(text, begin);
        if (end - begin > PieceCache::longest_piece) {
            workspace.merger.merge(text.substr(begin, end - begin), ids);
        } else {
            const PieceCache::Key key = PieceCache::key_of(text, begin, end);
            if (const PieceCache::Entry* known = workspace.cache.find(key)) {
                ids.insert(ids.end(), known->ids.begin(), known->ids.begin() + known->count);
            } else {
                const std::size_t before = ids.size();
                workspace.merger.merge(text.substr(begin, end - begin), ids);
                workspace.cache.keep(key, std::span(ids).subspan(before));
            }
        }
        begin = end;
    }
}

std::unique_ptr<BytePairModel::Workspace> BytePairModel::take_workspace() const {
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_idle.empty()) {
            auto workspace = std::move(m_idle.back());
            m_idle.pop_back();
            return workspace;
        }
    }
    return std::make_unique<Workspace>(*this);
}

void BytePairModel::give_back(std::unique_ptr<Workspace> workspace) const {
    const std::scoped_lock lock(m_mutex);
    if (m_idle.size() < most_idle_workspaces) m_idle.push_back(std::move(workspace));
}

}  // namespace lossmith
