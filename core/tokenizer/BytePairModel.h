// A vocabulary made ready to encode with: rules in a hash table, ids of the single bytes, caches of pieces.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/tokenizer/BytePairMerger.h"
#include "core/tokenizer/PieceCache.h"
#include "core/tokenizer/Vocabulary.h"

namespace lossmith {

/// Safe to share between threads: each call of encode() works in a workspace that no other thread has at the time.
class BytePairModel {
public:
    explicit BytePairModel(Vocabulary vocabulary);
    BytePairModel(const BytePairModel&) = delete;
    BytePairModel& operator=(const BytePairModel&) = delete;

    [[nodiscard]] const Vocabulary& vocabulary() const { return m_vocabulary; }

    /// Whether some byte has no token, so that encode() may give lacking_byte().
    [[nodiscard]] bool lacks_bytes() const { return m_lacks_bytes; }

    /// Memory to encode in: what was merged before and what merging needs.
    struct Workspace {
        explicit Workspace(const BytePairModel& model) : merger(model.m_merges, model.m_byte_ids) {}
        PieceCache cache;
        BytePairMerger merger;
    };

    /// A workspace for as long as this lives. Its cache is kept for the next.
    class Loan {
    public:
        explicit Loan(const BytePairModel& model) : m_model(model), m_workspace(model.take_workspace()) {}
        ~Loan() { m_model.give_back(std::move(m_workspace)); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        [[nodiscard]] Workspace& workspace() { return *m_workspace; }

    private:
        const BytePairModel& m_model;
        std::unique_ptr<Workspace> m_workspace;
    };

    /// Appends the ids of a text in which no added token is looked for.
    static void encode(std::string_view text, Workspace& workspace, std::vector<TokenId>& ids);

private:
    [[nodiscard]] std::unique_ptr<Workspace> take_workspace() const;
    void give_back(std::unique_ptr<Workspace> workspace) const;

    Vocabulary m_vocabulary;
    MergeTable m_merges;
    BytePairMerger::ByteIds m_byte_ids;
    bool m_lacks_bytes = false;
    mutable std::mutex m_mutex;
    mutable std::vector<std::unique_ptr<Workspace>> m_idle;
};

}  // namespace lossmith
