// Several processes that compute one run together, over PyTorch's c10d: Gloo between processors, NCCL between graphics cards.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/engine/distributed/World.h"

namespace lossmith::engine {

/// c10d with Gloo is in Debian's LibTorch and with NCCL in one for CUDA, but not both backends' own headers come with every LibTorch: in a
/// build without them, meeting says so.
///
/// Every call is made by all ranks in the same order, and blocks until it is done. When a rank is gone the others' calls fail with an error
/// that names it and says why, at once where its process ended, after ten minutes where its machine fell silent.
class Ranks {
public:
    /// For rank 0: opens the place where the others will meet it, before they are started. `world.port` 0: any free one, see port().
    [[nodiscard]] static Result<std::unique_ptr<Ranks>> open(World world);
    /// For the others: meets rank 0, which says where all compute; of a machine's cards, this process takes the one of its local rank.
    [[nodiscard]] static Result<std::unique_ptr<Ranks>> join(World world);
    ~Ranks();
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    /// After open(): waits for the others. `devices` are RunConfig's, which this process sees alone (show_only). Processors meet on the
    /// network that GLOO_SOCKET_IFNAME names, else on that where rank 0 is reached.
    [[nodiscard]] Status meet(const std::vector<std::string>& devices);

    [[nodiscard]] int rank() const { return m_world.rank; }
    [[nodiscard]] int size() const { return m_world.size; }
    [[nodiscard]] int port() const;
    [[nodiscard]] at::Device device() const;  ///< that this one computes on

    /// What rank 0 says, to all: tensors of the same shape everywhere, or bytes of any number.
    [[nodiscard]] Status broadcast(at::Tensor tensor);
    [[nodiscard]] Result<std::string> broadcast(const std::string& bytes);

    /// Each tensor becomes the sum of all ranks' (Patarasuk & Yuan 2009, by Gloo), the same bits everywhere. fp32, one shape everywhere.
    [[nodiscard]] Status sum(const std::vector<at::Tensor>& tensors);

    /// Every rank's bytes, in their order, to all.
    [[nodiscard]] Result<std::vector<std::string>> gather(const std::string& bytes);

    /// What rank 0 has all others do next. They wait for it as long as it takes: it may validate, or be paused.
    [[nodiscard]] Status order(const std::string& words);
    [[nodiscard]] Result<std::string> next_order();

    /// Tells the others why this one goes, before it does.
    void leave(const std::string& reason);

private:
    struct Group;
    Ranks(World world, std::unique_ptr<Group> group);
    [[nodiscard]] Status meet_on(const std::vector<std::string>& devices);
    [[nodiscard]] Error lost(const std::string& what);

    World m_world;
    std::unique_ptr<Group> m_group;
    std::int64_t m_orders = 0;
};

}  // namespace lossmith::engine
