#include "core/engine/distributed/Ranks.h"

#ifdef LOSSMITH_GLOO

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

// The header of c10d's Gloo is only there for those who say that they have Gloo.
#define USE_C10D_GLOO
#include <torch/version.h>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

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

bool is_loopback(const sockaddr& address) {
    if (address.sa_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr) != 0;
    return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24U == IN_LOOPBACKNET;
}

std::string in_digits(const sockaddr& address, socklen_t size) {
    char text[NI_MAXHOST] = "";
    return ::getnameinfo(&address, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0 ? text : "";
}

/// Of the first network of this machine that is up and leads out of it; empty: it has none.
std::string first_outside_address() {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return {};
    std::string found;
    for (const ifaddrs* each = all; each != nullptr && found.empty(); each = each->ifa_next)
        if (each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET && (each->ifa_flags & IFF_UP) != 0 &&
            (each->ifa_flags & IFF_LOOPBACK) == 0)
            found = in_digits(*each->ifa_addr, sizeof(sockaddr_in));
    ::freeifaddrs(all);
    return found;
}

/// The address that this machine has on the network where `place` lies. Where the machine's own name is told to mean itself alone, as
/// Debian's /etc/hosts does, it is the first that others can reach.
std::string own_address_towards(const std::string& place) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(place.c_str(), "9", &wanted, &found) != 0) return {};
    std::string address;
    const int socket = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    auto* own_address = reinterpret_cast<sockaddr*>(&own);
    // Nothing is sent: the kernel only chooses the way.
    if (socket >= 0 && ::connect(socket, found->ai_addr, found->ai_addrlen) == 0 && ::getsockname(socket, own_address, &size) == 0)
        address = in_digits(*own_address, size);
    if (socket >= 0) ::close(socket);
    const bool meant = place == "localhost" || address == place;
    if (!address.empty() && is_loopback(*own_address) && !meant) {
        const std::string outside = first_outside_address();
        if (!outside.empty()) address = outside;
    }
    ::freeaddrinfo(found);
    return address;
}

std::shared_ptr<gloo::transport::Device> network(const std::string& place) {
    if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME")) return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
    const std::string own = own_address_towards(place);
    return own.empty() ? c10d::ProcessGroupGloo::createDefaultDevice() : c10d::ProcessGroupGloo::createDeviceForHostname(own);
}

}  // namespace

struct Ranks::Group {
    c10::intrusive_ptr<c10d::TCPStore> store;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
    at::Tensor bucket;
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

Status Ranks::meet() {
    try {
        auto options = c10d::ProcessGroupGloo::Options::create(patience);
        options->devices.push_back(network(m_world.address));
        options->threads = 2;
        m_group->store->setTimeout(meeting_patience);
        m_group->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(m_group->store, m_world.rank, m_world.size, options);
        return {};
    } catch (const std::exception& exception) {
        const std::string why = exception.what();
        return failure(Error::io("The " + std::to_string(m_world.size) +
                                 " processes of this run did not find each other: " + why.substr(0, why.find('\n')))
                           .with_hint("Start all of them within five minutes; GLOO_SOCKET_IFNAME chooses the network between them."));
    }
}

Result<std::unique_ptr<Ranks>> Ranks::join(World world) {
    auto ranks = LOSSMITH_TRY(open(std::move(world)));
    LOSSMITH_CHECK(ranks->meet());
    return ranks;
}

Status Ranks::order(const std::string& words) {
    try {
        m_group->store->set(order_key(m_orders), std::vector<std::uint8_t>(words.begin(), words.end()));
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
            const auto bytes = m_group->store->get(key);
            return std::string(bytes.begin(), bytes.end());
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
        m_group->store->set(key_of(m_world.rank), std::vector<std::uint8_t>(reason.begin(), reason.end()));
    } catch (const std::exception&) {
        // Rank 0 is gone, and with it whoever would read this.
    }
}

/// Who is gone: those that did not say within a few seconds that they are only left behind.
Error Ranks::lost(const std::string& what) {
    const std::string left_behind = "another rank was lost";
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
                const auto bytes = m_group->store->get(key_of(rank));
                const std::string reason(bytes.begin(), bytes.end());
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
        std::vector<at::Tensor> one{tensor};
        m_group->gloo->broadcast(one, {})->wait();
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
        if (!bucket.defined()) bucket = at::empty({bucket_values}, at::kFloat);
        std::vector<at::Tensor> small;  // waiting in the bucket
        std::int64_t used = 0;
        const auto send = [&] {
            if (used == 0) return;
            std::vector<at::Tensor> one{bucket.slice(0, 0, used)};
            m_group->gloo->allreduce(one, {})->wait();
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
                m_group->gloo->allreduce(one, {})->wait();
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
        const auto count = static_cast<std::size_t>(m_world.size);
        std::vector<at::Tensor> own{at::tensor({static_cast<std::int64_t>(bytes.size())}, at::kLong)};
        std::vector<std::vector<at::Tensor>> sizes(1);
        for (std::size_t i = 0; i < count; ++i) sizes[0].push_back(at::empty({1}, at::kLong));
        m_group->gloo->allgather(sizes, own, {})->wait();
        std::int64_t longest = 1;
        for (const at::Tensor& size : sizes[0]) longest = std::max(longest, size.item<std::int64_t>());
        std::vector<at::Tensor> padded{at::empty({longest}, at::kByte)};
        std::copy(bytes.begin(), bytes.end(), padded[0].data_ptr<std::uint8_t>());
        std::vector<std::vector<at::Tensor>> all(1);
        for (std::size_t i = 0; i < count; ++i) all[0].push_back(at::empty({longest}, at::kByte));
        m_group->gloo->allgather(all, padded, {})->wait();
        std::vector<std::string> result;
        for (std::size_t i = 0; i < count; ++i) {
            const auto* from = all[0][i].data_ptr<std::uint8_t>();
            result.emplace_back(from, from + sizes[0][i].item<std::int64_t>());
        }
        return result;
    } catch (const std::exception& exception) {
        return failure(lost(exception.what()));
    }
}

}  // namespace lossmith::engine

#else

namespace lossmith::engine {

struct Ranks::Group {};

namespace {
Error no_gloo() {
    return Error::unsupported("This build of Lossmith computes a run in one process: its LibTorch came without Gloo's headers.")
        .with_hint("Build it with Debian's LibTorch and libgloo-dev, or set nproc_per_node to 1.");
}
}  // namespace

Ranks::Ranks(World world, std::unique_ptr<Group> group) : m_world(std::move(world)), m_group(std::move(group)) {}
Ranks::~Ranks() = default;
Result<std::unique_ptr<Ranks>> Ranks::open(World) {
    return failure(no_gloo());
}
Result<std::unique_ptr<Ranks>> Ranks::join(World) {
    return failure(no_gloo());
}
Status Ranks::meet() {
    return failure(no_gloo());
}
int Ranks::port() const {
    return 0;
}
Status Ranks::broadcast(at::Tensor) {
    return failure(no_gloo());
}
Result<std::string> Ranks::broadcast(const std::string&) {
    return failure(no_gloo());
}
Status Ranks::sum(const std::vector<at::Tensor>&) {
    return failure(no_gloo());
}
Result<std::vector<std::string>> Ranks::gather(const std::string&) {
    return failure(no_gloo());
}
Status Ranks::order(const std::string&) {
    return failure(no_gloo());
}
Result<std::string> Ranks::next_order() {
    return failure(no_gloo());
}
void Ranks::leave(const std::string&) {}
Error Ranks::lost(const std::string&) {
    return no_gloo();
}

}  // namespace lossmith::engine

#endif
