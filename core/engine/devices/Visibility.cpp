#include "core/engine/devices/Visibility.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace lossmith::engine {
namespace {

constexpr const char* variable = "CUDA_VISIBLE_DEVICES";

/// N of "cuda:N".
std::optional<std::size_t> card_number(std::string_view device) {
    constexpr std::string_view prefix = "cuda:";
    if (!device.starts_with(prefix)) return {};
    device.remove_prefix(prefix.size());
    std::size_t number = 0;
    const auto [end, code] = std::from_chars(device.data(), device.data() + device.size(), number);
    if (code != std::errc{} || end != device.data() + device.size()) return {};
    return number;
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin < list.size()) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        parts.push_back(list.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

}  // namespace

Result<std::string> visible_cards(const std::vector<std::string>& devices, const std::optional<std::string>& limit) {
    const std::vector<std::string> allowed = limit ? split(*limit) : std::vector<std::string>();
    std::string visible;
    bool processor = false;
    for (const std::string& device : devices) {
        if (device == "cpu") {
            processor = true;
            continue;
        }
        const auto number = card_number(device);
        if (!number)
            return failure(
                Error::bad_input("There is no device \"" + device + "\".").with_hint("Write cpu, or cuda:0 for the first graphics card."));
        if (limit && *number >= allowed.size())
            return failure(Error::bad_input("The device \"" + device + "\" cannot be seen: " + variable + " is \"" + *limit + "\".")
                               .with_hint("Start Lossmith without that variable, or choose another device."));
        visible += (visible.empty() ? "" : ",") + (limit ? allowed[*number] : std::to_string(*number));
    }
    if (processor && !visible.empty())
        return failure(Error::bad_input("A run computes on the processor or on graphics cards, not on both.")
                           .with_hint("Choose the cards alone; the processor prepares their batches."));
    return visible;
}

Result<std::string> show_only(const std::vector<std::string>& devices, bool launched) {
    const char* now = std::getenv(variable);
    if (launched && now != nullptr && devices != std::vector<std::string>{"cpu"} && split(now).size() == 1) return std::string(now);
    const std::string visible = LOSSMITH_TRY(visible_cards(devices, now == nullptr ? std::nullopt : std::optional<std::string>(now)));
    if (::setenv(variable, visible.c_str(), 1) != 0) return failure(Error::io("The variable " + std::string(variable) + " cannot be set."));
    return visible;
}

}  // namespace lossmith::engine
