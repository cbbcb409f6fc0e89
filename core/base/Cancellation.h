// A flag that one thread raises and long work in another reads at each step.
#pragma once

#include <atomic>
#include <memory>

namespace lossmith {

/// Copies share one flag. A default-made token can be cancelled too; long work takes it by const reference.
class CancellationToken {
public:
    CancellationToken() : m_flag(std::make_shared<std::atomic<bool>>(false)) {}

    void cancel() const noexcept { m_flag->store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_cancelled() const noexcept { return m_flag->load(std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> m_flag;
};

}  // namespace lossmith
