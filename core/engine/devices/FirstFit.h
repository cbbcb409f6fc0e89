// Who has which stretch of a long piece of memory. No memory here, no Torch.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>

namespace lossmith::engine {

/// Each taker gets the first free stretch that is long enough, so that what is used lies together at the beginning; stretches that are
/// given back join their free neighbours. Not for several threads at once.
class FirstFit {
public:
    explicit FirstFit(std::size_t size);

    /// Where the taker's stretch begins; nothing where none is long enough. `size` is above zero.
    [[nodiscard]] std::optional<std::size_t> take(std::size_t size);
    /// What take() gave.
    void give_back(std::size_t begin);

    /// All that is taken now, and the end of the last stretch that ever was.
    [[nodiscard]] std::size_t taken() const { return m_taken_bytes; }
    [[nodiscard]] std::size_t reached() const { return m_reached; }

private:
    std::map<std::size_t, std::size_t> m_free;             // begin -> size
    std::unordered_map<std::size_t, std::size_t> m_taken;  // the same
    std::size_t m_taken_bytes = 0;
    std::size_t m_reached = 0;
};

}  // namespace lossmith::engine
