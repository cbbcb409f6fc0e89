#include "core/engine/model/PickleMachine.h"

#include <QString>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/engine/model/QuotedName.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t most_values = 2'000'000;

constexpr std::array<std::pair<std::string_view, PickleGlobal>, 12> known_globals = {{
    {"collections.OrderedDict", PickleGlobal::OrderedDict},
    {"torch._utils._rebuild_tensor_v2", PickleGlobal::RebuildTensor},
    {"torch.FloatStorage", PickleGlobal::FloatStorage},
    {"torch.HalfStorage", PickleGlobal::HalfStorage},
    {"torch.BFloat16Storage", PickleGlobal::BFloat16Storage},
    {"torch.DoubleStorage", PickleGlobal::DoubleStorage},
    {"torch.LongStorage", PickleGlobal::LongStorage},
    {"torch.IntStorage", PickleGlobal::IntStorage},
    {"torch.ShortStorage", PickleGlobal::ShortStorage},
    {"torch.CharStorage", PickleGlobal::CharStorage},
    {"torch.ByteStorage", PickleGlobal::ByteStorage},
    {"torch.BoolStorage", PickleGlobal::BoolStorage},
}};

struct Value;
/// Values are owned by the machine, so that neither cycles nor deep nesting in a hostile file matter when they go.
using Reference = const Value*;

struct Nothing {};
struct Mark {};
struct Tuple {
    std::vector<Reference> items;
};
struct Dict {
    std::vector<std::pair<Reference, Reference>> items;
    bool ordered = false;
};

struct Value {
    std::variant<Nothing, Mark, bool, std::int64_t, std::string, Tuple, Dict, PickleGlobal, PickledStorage, PickledTensor> held;
};

std::unexpected<Error> damaged(const std::string& what) {
    return failure(Error::bad_input("The pickle in this file is damaged: " + what + "."));
}

std::unexpected<Error> refused(const std::string& what) {
    return failure(
        Error::unsupported("This file is refused: its pickle " + what + ", and a pickle that does more than hold tensors may run anything.")
            .with_hint("Save model.state_dict() alone, or better as safetensors."));
}

bool is_utf8(const std::string& text) {
    return QString::fromStdString(text).toStdString() == text;
}

template <typename Kind>
const Kind* as(Reference value) {
    return std::get_if<Kind>(&value->held);
}

class Unpickler {
public:
    explicit Unpickler(std::string_view program) : m_program(program) {}

    [[nodiscard]] Result<Reference> run() {
        while (true) {
            const auto instruction = static_cast<unsigned char>(LOSSMITH_TRY(take(1)).front());
            if (instruction == '.') return pop();
            LOSSMITH_CHECK(execute(instruction));
        }
    }

private:
    [[nodiscard]] Result<std::string_view> take(std::size_t count) {
        if (count > m_program.size() - m_at) return damaged("it ends in the middle");
        const std::string_view bytes = m_program.substr(m_at, count);
        m_at += count;
        return bytes;
    }

    template <typename Number>
    [[nodiscard]] Result<Number> take_number() {
        const std::string_view bytes = LOSSMITH_TRY(take(sizeof(Number)));
        Number number;
        std::memcpy(&number, bytes.data(), sizeof number);
        return number;
    }

    [[nodiscard]] Result<std::string> take_line() {
        const std::size_t end = m_program.find('\n', m_at);
        if (end == std::string_view::npos) return damaged("it ends in the middle of a name");
        std::string line(m_program.substr(m_at, end - m_at));
        m_at = end + 1;
        return line;
    }

    template <typename Kind>
    [[nodiscard]] Status push(Kind kind) {
        if (m_values.size() == most_values) return damaged("it makes more values than any model needs");
        m_values.push_back(std::make_unique<Value>(Value{std::move(kind)}));
        m_stack.push_back(m_values.back().get());
        return {};
    }

    [[nodiscard]] Result<Value*> top() {
        if (m_stack.empty() || std::holds_alternative<Mark>(m_stack.back()->held)) return damaged("it uses a value that it never made");
        return m_stack.back();
    }

    [[nodiscard]] Result<Value*> pop() {
        Value* value = LOSSMITH_TRY(top());
        m_stack.pop_back();
        return value;
    }

    [[nodiscard]] Result<std::vector<Reference>> pop_to_mark() {
        std::size_t begin = m_stack.size();
        while (begin > 0 && !std::holds_alternative<Mark>(m_stack[begin - 1]->held)) --begin;
        if (begin == 0) return damaged("it closes a tuple that it never opened");
        std::vector<Reference> items(m_stack.begin() + static_cast<std::ptrdiff_t>(begin), m_stack.end());
        m_stack.resize(begin - 1);
        return items;
    }

    [[nodiscard]] Status push_tuple(std::size_t count) {
        Tuple tuple;
        tuple.items.resize(count);
        for (std::size_t i = count; i-- > 0;) tuple.items[i] = LOSSMITH_TRY(pop());
        return push(std::move(tuple));
    }

    [[nodiscard]] Status execute(unsigned char instruction);
    [[nodiscard]] Status push_global();
    [[nodiscard]] Status push_long();
    [[nodiscard]] Status remember(std::uint32_t place);
    [[nodiscard]] Status recall(std::uint32_t place);
    [[nodiscard]] Status set_items(std::vector<Reference> items);
    [[nodiscard]] Status load_storage();
    [[nodiscard]] Status reduce();
    [[nodiscard]] Status build();

    std::string_view m_program;
    std::size_t m_at = 0;
    std::vector<std::unique_ptr<Value>> m_values;
    std::vector<Value*> m_stack;
    std::unordered_map<std::uint32_t, Value*> m_memo;
};

Status Unpickler::execute(unsigned char instruction) {
    switch (instruction) {
        case 0x80: {
            const auto protocol = LOSSMITH_TRY(take_number<std::uint8_t>());
            return protocol == 2 ? Status() : refused("is of protocol " + std::to_string(protocol) + " where torch.save writes 2");
        }
        case 'c': return push_global();
        case 'q': return remember(LOSSMITH_TRY(take_number<std::uint8_t>()));
        case 'r': return remember(LOSSMITH_TRY(take_number<std::uint32_t>()));
        case 'h': return recall(LOSSMITH_TRY(take_number<std::uint8_t>()));
        case 'j': return recall(LOSSMITH_TRY(take_number<std::uint32_t>()));
        case 'N': return push(Nothing{});
        case 0x88: return push(true);
        case 0x89: return push(false);
        case 'K': return push(std::int64_t{LOSSMITH_TRY(take_number<std::uint8_t>())});
        case 'M': return push(std::int64_t{LOSSMITH_TRY(take_number<std::uint16_t>())});
        case 'J': return push(std::int64_t{LOSSMITH_TRY(take_number<std::int32_t>())});
        case 0x8a: return push_long();
        case 'X': {
            const auto size = LOSSMITH_TRY(take_number<std::uint32_t>());
            std::string text(LOSSMITH_TRY(take(size)));
            return is_utf8(text) ? push(std::move(text)) : damaged("a text in it is not UTF-8");
        }
        case '(': return push(Mark{});
        case ')': return push(Tuple{});
        case 't': return push(Tuple{LOSSMITH_TRY(pop_to_mark())});
        case 0x85: return push_tuple(1);
        case 0x86: return push_tuple(2);
        case 0x87: return push_tuple(3);
        case '}': return push(Dict{});
        case 's': {
            Reference value = LOSSMITH_TRY(pop());
            Reference key = LOSSMITH_TRY(pop());
            return set_items({key, value});
        }
        case 'u': return set_items(LOSSMITH_TRY(pop_to_mark()));
        case 'Q': return load_storage();
        case 'R': return reduce();
        case 'b': return build();
        default: break;
    }
    char code[8];
    std::snprintf(code, sizeof code, "0x%02x", static_cast<unsigned>(instruction));
    return refused("uses the instruction " + std::string(code) + ", which a state dict has no need of");
}

Status Unpickler::push_global() {
    const std::string module = LOSSMITH_TRY(take_line());
    const std::string name = module + "." + LOSSMITH_TRY(take_line());
    for (const auto& [known, global] : known_globals)
        if (known == name) return push(global);
    return refused("asks for " + in_quotes(name));
}

Status Unpickler::push_long() {
    const auto size = LOSSMITH_TRY(take_number<std::uint8_t>());
    if (size > 8) return damaged("it holds a number beyond all bounds");
    const std::string_view bytes = LOSSMITH_TRY(take(size));
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    // Two's complement of as many bytes as there are: the sign is the highest bit of the last.
    if (size > 0 && size < 8 && (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0) number |= ~std::uint64_t{0} << (8U * size);
    return push(static_cast<std::int64_t>(number));
}

Status Unpickler::remember(std::uint32_t place) {
    m_memo[place] = LOSSMITH_TRY(top());
    return {};
}

Status Unpickler::recall(std::uint32_t place) {
    const auto found = m_memo.find(place);
    if (found == m_memo.end()) return damaged("it recalls a value that it never remembered");
    if (m_stack.size() == most_values) return damaged("it makes more values than any model needs");
    m_stack.push_back(found->second);
    return {};
}

Status Unpickler::set_items(std::vector<Reference> items) {
    Value* target = LOSSMITH_TRY(top());
    auto* dict = std::get_if<Dict>(&target->held);
    if (dict == nullptr || items.size() % 2 != 0) return damaged("it sets items of something that is not a dict");
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
    return {};
}

/// The persistent id of a storage: ("storage", type, key, device, number of elements). The device does not matter here.
Status Unpickler::load_storage() {
    const auto* id = as<Tuple>(LOSSMITH_TRY(pop()));
    if (id == nullptr || id->items.size() != 5) return damaged("a storage is not described by five values");
    const auto* kind = as<std::string>(id->items[0]);
    const auto* type = as<PickleGlobal>(id->items[1]);
    const auto* key = as<std::string>(id->items[2]);
    const auto* elements = as<std::int64_t>(id->items[4]);
    if (kind == nullptr || *kind != "storage" || key == nullptr || elements == nullptr || *elements < 0)
        return damaged("a storage is not described as torch.save does it");
    if (type == nullptr || *type == PickleGlobal::OrderedDict || *type == PickleGlobal::RebuildTensor)
        return damaged("a storage is of a type that is no storage");
    return push(PickledStorage{*type, *key, *elements});
}

std::optional<std::vector<std::int64_t>> whole_numbers(Reference value) {
    const auto* tuple = as<Tuple>(value);
    if (tuple == nullptr) return std::nullopt;
    std::vector<std::int64_t> numbers;
    for (Reference item : tuple->items) {
        const auto* number = as<std::int64_t>(item);
        if (number == nullptr) return std::nullopt;
        numbers.push_back(*number);
    }
    return numbers;
}

/// The two calls that are known: an empty OrderedDict, and a tensor put together from a storage.
Status Unpickler::reduce() {
    const auto* arguments = as<Tuple>(LOSSMITH_TRY(pop()));
    const auto* callable = as<PickleGlobal>(LOSSMITH_TRY(pop()));
    if (arguments == nullptr || callable == nullptr) return refused("calls something that is not a known name");
    const auto& items = arguments->items;
    if (*callable == PickleGlobal::OrderedDict) {
        if (!items.empty()) return refused("calls collections.OrderedDict with arguments");
        return push(Dict{{}, true});
    }
    if (*callable != PickleGlobal::RebuildTensor) return refused("calls a storage type");
    // storage, offset, sizes, strides, requires_grad, backward hooks: an OrderedDict with nothing in it.
    if (items.size() != 6) return damaged("a tensor is not described by six values");
    const auto* storage = as<PickledStorage>(items[0]);
    const auto* offset = as<std::int64_t>(items[1]);
    auto sizes = whole_numbers(items[2]);
    auto strides = whole_numbers(items[3]);
    const auto* hooks = as<Dict>(items[5]);
    if (storage == nullptr || offset == nullptr || !sizes || !strides) return damaged("a tensor is not described as torch.save does it");
    if (as<bool>(items[4]) == nullptr || hooks == nullptr || !hooks->items.empty()) return refused("gives a tensor hooks of its own");
    return push(PickledTensor{*storage, *offset, *std::move(sizes), *std::move(strides)});
}

/// A state dict carries {"_metadata": …}: versions of its modules, of no use here. Any other state is refused.
Status Unpickler::build() {
    const auto* state = as<Dict>(LOSSMITH_TRY(pop()));
    const Value* target = LOSSMITH_TRY(top());
    const auto* dict = as<Dict>(target);
    const auto* key = state != nullptr && state->items.size() == 1 ? as<std::string>(state->items[0].first) : nullptr;
    if (dict == nullptr || !dict->ordered || key == nullptr || *key != "_metadata") return refused("sets the state of an object");
    return {};
}

}  // namespace

Result<std::vector<std::pair<std::string, PickledTensor>>> run_state_dict_pickle(std::string_view program) {
    Unpickler machine(program);
    const auto* dict = as<Dict>(LOSSMITH_TRY(machine.run()));
    if (dict == nullptr)
        return failure(Error::bad_input("This file holds something other than a state dict.").with_hint("Save model.state_dict()."));
    std::vector<std::pair<std::string, PickledTensor>> tensors;
    for (const auto& [key, value] : dict->items) {
        const auto* name = as<std::string>(key);
        const auto* tensor = as<PickledTensor>(value);
        if (name == nullptr || tensor == nullptr)
            return failure(Error::bad_input("The entry " + (name != nullptr ? in_quotes(*name) : std::string("without a name")) +
                                            " of this file is not a tensor, so the file is not a plain state dict.")
                               .with_hint("Save model.state_dict() alone."));
        tensors.emplace_back(*name, *tensor);
    }
    return tensors;
}

}  // namespace lossmith::engine
