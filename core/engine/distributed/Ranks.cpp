#include "core/engine/distributed/Ranks.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>
#include <c10/core/DeviceGuard.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "core/base/Json.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/devices/Visibility.h"
#include "core/engine/distributed/Backends.h"
#include "core/engine/distributed/LocalRanks.h"

namespace lossmith::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience = std::chrono::minutes(10);
constexpr milliseconds meeting_patience = std::chrono::minutes(5);
constexpr milliseconds grace = std::chrono::seconds(5);  ///< for the ranks that are left to say so
constexpr std::int64_t bucket_values = 8 << 20;          ///< of gradients in one message

constexpr std::int64_t kept_orders = 16;  ///< by then every rank has read an order: it took part in later steps

std::string key_of(int rank) {
    return "gone/" + std::to_string(rank);
}

std::string order_key(std::int64_t number) {
    return "order/" + std::to_string(number);
}

constexpr const char* devices_key = "devices";

std::string process_key(int rank) {
    return "process/" + std::to_string(rank);
}

std::vector<std::uint8_t> bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

std::string text_of(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string machine_name() {
    char name[256] = "";
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

/// Of this machine; one that has ended and was not yet asked for counts as gone.
bool lives(const std::string& process) {
    std::ifstream status("/proc/" + process + "/stat");
    std::string text;
    if (!std::getline(status, text)) return false;
    const auto name_end = text.rfind(')');
    return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] != 'Z' && text[name_end + 2] != 'X';
}

/// As rank 0 told them.
Result<std::vector<std::string>> devices_in(const std::string& told) {
    const Json list = LOSSMITH_TRY(parse_json(told, "rank 0's devices"));
    const bool names = list.is_array() && !list.empty() && std::ranges::all_of(list, [](const Json& each) { return each.is_string(); });
    if (!names) return failure(Error::bad_input("Rank 0 did not say which devices this run computes on."));
    return list.get<std::vector<std::string>>();
}

}  // namespace

struct Ranks::Group {
    c10::intrusive_ptr<c10d::TCPStore> store;
    c10::intrusive_ptr<Backend> backend;
    at::Device wire = at::kCPU;  // where tensors lie as they are exchanged
    c10::OptionalDeviceGuard current;
    at::Tensor bucket;
    std::vector<std::string> neighbours;  // processes of the other ranks on this machine

    void find_neighbours(const World& world) {
        const std::string here = machine_name() + " ";
        store->set(process_key(world.rank), bytes_of(here + std::to_string(::getpid())));
        for (int rank = 0; rank < world.size; ++rank) {
            const std::string process = text_of(store->get(process_key(rank)));
            if (rank != world.rank && process.starts_with(here)) neighbours.push_back(process.substr(here.size()));
        }
    }

    [[nodiscard]] bool lost_one(const World& world) const {
        for (int rank = 0; rank < world.size; ++rank)
            if (rank != world.rank && store->check({key_of(rank)})) return true;
        return !std::ranges::all_of(neighbours, lives);
    }

    /// Until what was begun is done. Gloo tells by itself when a rank is gone; NCCL waits for ever for one that is, so it is watched here.
    void finish(const World& world, const c10::intrusive_ptr<c10d::Work>& work) const {
        using Clock = std::chrono::steady_clock;
        const auto until = Clock::now() + patience;
        auto next_look = Clock::now() + grace;
        while (!wire.is_cpu() && !work->isCompleted()) {
            const auto now = Clock::now();
            if (now > until) throw std::runtime_error("nothing came within ten minutes");
            if (now > next_look) {
                if (lost_one(world)) throw std::runtime_error("a rank is gone");
                next_look = now + grace;
            }
            std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
        work->wait();
    }

    /// One of each rank's, in their order.
    [[nodiscard]] std::vector<at::Tensor> gather(const World& world, const at::Tensor& own) const {
        std::vector<at::Tensor> mine{own.to(wire)};
        std::vector<std::vector<at::Tensor>> all(1);
        for (int rank = 0; rank < world.size; ++rank) all[0].push_back(at::empty_like(mine[0]));
        finish(world, backend->allgather(all, mine, {}));
        for (at::Tensor& each : all[0]) each = each.cpu();
        return std::move(all[0]);
    }
};

Ranks::Ranks(World world, std::unique_ptr<Group> group) : m_world(std::move(world)), m_group(std::move(group)) {}
Ranks::~Ranks() = default;

Result<std::unique_ptr<Ranks>> Ranks::open(World world) {
    try {
        c10d::TCPStoreOptions options;
        options.port = world.port;
        options.isServer = world.rank == 0;
        options.waitWorkers = false;
        options.timeout = meeting_patience;
#if TORCH_VERSION_MAJOR >= 2
        options.useLibUV = false;  // Debian's LibTorch is built without it
#endif
        auto group = std::make_unique<Group>();
        group->store = c10::make_intrusive<c10d::TCPStore>(world.address, options);
        return std::unique_ptr<Ranks>(new Ranks(std::move(world), std::move(group)));
    } catch (const std::exception&) {
        const std::string place = world.address + ":" + std::to_string(world.port);
        if (world.rank == 0)
            return failure(
                Error::io("The other processes of this run can not be met at " + place + ".").with_hint("Set MASTER_PORT to a free one."));
        return failure(Error::io("The first process of this run was not found at " + place + " within five minutes.")
                           .with_hint("See whether it runs, and whether MASTER_ADDR and MASTER_PORT name it."));
    }
}

int Ranks::port() const {
    return m_group->store->getPort();
}

Status Ranks::meet(const std::vector<std::string>& devices) {
    try {
        m_group->store->set(devices_key, bytes_of(Json(devices).dump()));
    } catch (const std::exception& exception) {
        return failure(lost(exception.what()));
    }
    return meet_on(devices);
}

Status Ranks::meet_on(const std::vector<std::string>& devices) {
    const Device device = LOSSMITH_TRY(device_of_run(devices, m_world.local_rank));
    m_group->wire = at::Device(device.id);
    if (!m_group->wire.is_cpu()) m_group->current.reset_device(m_group->wire);
    try {
        m_group->store->setTimeout(meeting_patience);
        m_group->backend = LOSSMITH_TRY((m_group->wire.is_cpu() ? gloo_backend : nccl_backend)(m_group->store, m_world, patience));
        if (!m_group->wire.is_cpu()) m_group->find_neighbours(m_world);
        return {};
    } catch (const std::exception& exception) {
        const std::string why = exception.what();
        return failure(Error::io("The " + std::to_string(m_world.size) +
                                 " processes of this run did not find each other: " + why.substr(0, why.find('\n')))
                           .with_hint("Start all of them within five minutes; GLOO_SOCKET_IFNAME chooses the network between them."));
    }
}

at::Device Ranks::device() const {
    return m_group->wire;
}

Result<std::unique_ptr<Ranks>> Ranks::join(World world) {
    auto ranks = LOSSMITH_TRY(open(std::move(world)));
    std::string told;
    try {
        told = text_of(ranks->m_group->store->get(devices_key));
    } catch (const std::exception& exception) {
        return failure(ranks->lost(exception.what()));
    }
    const auto devices = LOSSMITH_TRY(devices_in(told));
    if (!started_by_rank()) static_cast<void>(LOSSMITH_TRY(show_only(devices, true)));
    LOSSMITH_CHECK(ranks->meet_on(devices));
    return ranks;
}

Status Ranks::order(const std::string& words) {
    try {
        m_group->store->set(order_key(m_orders), bytes_of(words));
        if (m_orders >= kept_orders) m_group->store->deleteKey(order_key(m_orders - kept_orders));
        ++m_orders;
        return {};
    } catch (const std::exception& exception) {
        return failure(lost(exception.what()));
    }
}

Result<std::string> Ranks::next_order() {
    const std::string key = order_key(m_orders++);
    while (true) {
        try {
            m_group->store->wait({key}, patience);
            return text_of(m_group->store->get(key));
        } catch (const std::exception& exception) {
            // Either it took long, or rank 0 is gone, and then this fails as well.
            try {
                if (m_group->store->check({key_of(0)})) return failure(lost(exception.what()));
            } catch (const std::exception& again) {
                return failure(lost(again.what()));
            }
        }
    }
}

void Ranks::leave(const std::string& reason) {
    try {
        m_group->store->set(key_of(m_world.rank), bytes_of(reason));
    } catch (const std::exception&) {
        // Rank 0 is gone, and with it whoever would read this.
    }
}

/// Who is gone: those that did not say within a few seconds that they are only left behind.
Error Ranks::lost(const std::string& what) {
    const std::string left_behind = "another rank was lost";
    if (!m_group->wire.is_cpu()) static_cast<void>(m_group->backend.release());  // its end would wait for those who do not come
    std::string sentence;
    try {
        if (!m_group->store->check({key_of(m_world.rank)})) leave(left_behind);
        const auto until = std::chrono::steady_clock::now() + grace;
        std::vector<std::string> silent;
        do {
            silent.clear();
            sentence.clear();
            for (int rank = 0; rank < m_world.size; ++rank) {
                if (rank == m_world.rank) continue;
                if (!m_group->store->check({key_of(rank)})) {
                    silent.push_back(std::to_string(rank));
                    continue;
                }
                const std::string reason = text_of(m_group->store->get(key_of(rank)));
                if (reason != left_behind) sentence += "Rank " + std::to_string(rank) + " gave up: " + reason + " ";
            }
            if (silent.empty()) break;
            std::this_thread::sleep_for(milliseconds(100));
        } while (std::chrono::steady_clock::now() < until);
        for (const std::string& rank : silent)
            sentence +=
                "Rank " + rank + " of " + std::to_string(m_world.size) + " was lost: its process ended or its machine fell silent. ";
    } catch (const std::exception&) {
        sentence = "Rank 0, which keeps the run's record, was lost. ";
    }
    if (sentence.empty()) sentence = "The ranks lost each other: " + what.substr(0, what.find('\n')) + " ";
    sentence.pop_back();
    return Error::io(sentence).with_hint("Resume the run; it may be with another number of processes.");
}

Status Ranks::broadcast(at::Tensor tensor) {
    try {
        std::vector<at::Tensor> one{tensor.to(m_group->wire)};
        m_group->finish(m_world, m_group->backend->broadcast(one, {}));
        if (!one.front().is_same(tensor)) tensor.copy_(one.front());
        return {};
    } catch (const std::exception& exception) {
        return failure(lost(exception.what()));
    }
}

Result<std::string> Ranks::broadcast(const std::string& bytes) {
    at::Tensor size = at::tensor({static_cast<std::int64_t>(bytes.size())}, at::kLong);
    LOSSMITH_CHECK(broadcast(size));
    std::string all = m_world.rank == 0 ? bytes : std::string(static_cast<std::size_t>(size.item<std::int64_t>()), '\0');
    if (!all.empty()) LOSSMITH_CHECK(broadcast(at::from_blob(all.data(), {static_cast<std::int64_t>(all.size())}, at::kByte)));
    return all;
}

Status Ranks::sum(const std::vector<at::Tensor>& tensors) {
    try {
        at::Tensor& bucket = m_group->bucket;
        if (!bucket.defined()) bucket = at::empty({bucket_values}, at::TensorOptions(m_group->wire).dtype(at::kFloat));
        std::vector<at::Tensor> small;  // waiting in the bucket
        std::int64_t used = 0;
        const auto send = [&] {
            if (used == 0) return;
            std::vector<at::Tensor> one{bucket.slice(0, 0, used)};
            m_group->finish(m_world, m_group->backend->allreduce(one, {}));
            std::int64_t at = 0;
            for (at::Tensor& tensor : small) {
                tensor.copy_(bucket.slice(0, at, at + tensor.numel()).view(tensor.sizes()));
                at += tensor.numel();
            }
            small.clear();
            used = 0;
        };
        for (const at::Tensor& tensor : tensors) {
            if (tensor.numel() > bucket_values / 4 && tensor.is_contiguous()) {
                std::vector<at::Tensor> one{tensor};
                m_group->finish(m_world, m_group->backend->allreduce(one, {}));
                continue;
            }
            if (used + tensor.numel() > bucket_values) send();
            bucket.slice(0, used, used + tensor.numel()).copy_(tensor.reshape(-1));
            used += tensor.numel();
            small.push_back(tensor);
        }
        send();
        return {};
    } catch (const std::exception& exception) {
        return failure(lost(exception.what()));
    }
}

Result<std::vector<std::string>> Ranks::gather(const std::string& bytes) {
    try {
        const std::vector<at::Tensor> sizes = m_group->gather(m_world, at::tensor({static_cast<std::int64_t>(bytes.size())}, at::kLong));
        std::int64_t longest = 1;
        for (const at::Tensor& size : sizes) longest = std::max(longest, size.item<std::int64_t>());
        at::Tensor padded = at::empty({longest}, at::kByte);
        std::copy(bytes.begin(), bytes.end(), padded.data_ptr<std::uint8_t>());
        const std::vector<at::Tensor> all = m_group->gather(m_world, padded);
        std::vector<std::string> result;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto* from = all[i].data_ptr<std::uint8_t>();
            result.emplace_back(from, from + sizes[i].item<std::int64_t>());
        }
        return result;
    } catch (const std::exception& exception) {
        return failure(lost(exception.what()));
    }
}

}  // namespace lossmith::engine
