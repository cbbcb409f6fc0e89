#include "core/engine/distributed/OwnAddress.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lossmith::engine {
namespace {

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

}  // namespace

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

}  // namespace lossmith::engine
