// Values as text: repr, str, print and the formats of f-strings.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/engine/loss/language/Lexer.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

constexpr std::size_t kShownItems = 200;
constexpr std::int64_t kWidest = 1000;

// The shortest digits that read back as the same float, laid out as Python does.
std::string float_text(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    char buffer[64];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    const std::string text(buffer, end);
    const std::size_t e = text.find('e');
    const int exponent = std::stoi(text.substr(e + 1));
    std::string digits;
    for (const char c : text.substr(0, e))
        if (c >= '0' && c <= '9') digits += c;
    const std::string sign = std::signbit(value) ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
        std::string result = sign + digits[0];
        if (digits.size() > 1) result += "." + digits.substr(1);
        const std::string power = std::to_string(std::abs(exponent));
        return result + (exponent < 0 ? "e-" : "e+") + (power.size() < 2 ? "0" : "") + power;
    }
    if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    const auto whole_digits = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole_digits) return sign + digits + std::string(whole_digits - digits.size(), '0') + ".0";
    return sign + digits.substr(0, whole_digits) + "." + digits.substr(whole_digits);
}

std::string quoted(const std::string& text) {
    const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string result(1, quote);
    for (const char c : text) {
        if (c == '\n')
            result += "\\n";
        else if (c == '\t')
            result += "\\t";
        else if (c == '\r')
            result += "\\r";
        else if (c == '\\' || c == quote)
            (result += '\\') += c;
        else
            result += c;
    }
    return result + quote;
}

std::string number_in_tensor(double value, bool floating) {
    if (!floating) return std::to_string(static_cast<std::int64_t>(value));
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    char buffer[64];
    const double size = std::fabs(value);
    std::snprintf(buffer, sizeof buffer, size != 0 && (size < 1e-4 || size >= 1e8) ? "%.4e" : "%.4f", value);
    return buffer;
}

void nested_numbers(const at::Tensor& flat, at::IntArrayRef sizes, std::int64_t& at, std::string& text, bool floating, bool boolean) {
    if (sizes.empty()) {
        const double value = flat.data_ptr<double>()[at++];
        text += boolean ? (value != 0 ? "True" : "False") : number_in_tensor(value, floating);
        return;
    }
    text += '[';
    for (std::int64_t i = 0; i < sizes[0]; ++i) {
        if (i > 0) text += ", ";
        nested_numbers(flat, sizes.slice(1), at, text, floating, boolean);
    }
    text += ']';
}

std::string tensor_text(const at::Tensor& tensor) {
    if (!tensor.defined()) return "None";
    const std::string type =
        c10::isFloatingType(tensor.scalar_type()) || tensor.scalar_type() == at::kLong || tensor.scalar_type() == at::kBool
            ? ""
            : described(Value(tensor));
    if (tensor.numel() > static_cast<std::int64_t>(kShownItems) || tensor.is_complex()) return "tensor(" + described(Value(tensor)) + ")";
    const at::Tensor flat = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
    std::string text = "tensor(";
    std::int64_t at = 0;
    nested_numbers(flat, tensor.sizes(), at, text, tensor.is_floating_point(), tensor.scalar_type() == at::kBool);
    if (tensor.requires_grad()) text += ", requires_grad=True";
    return text + ")";
}

std::string joined(const std::vector<Value>& items, int depth) {
    std::string text;
    for (std::size_t i = 0; i < items.size() && i < kShownItems * 5; ++i) {
        if (i > 0) text += ", ";
        text += repr(items[i], depth + 1);
        if (text.size() > 100'000) return text + ", …";
    }
    if (items.size() > kShownItems * 5) text += ", …";
    return text;
}

// [[fill]align][sign][#][0][width][,][.precision][type]
struct FormatSpec {
    std::string fill = " ";
    char align = 0;
    char sign = '-';
    bool alternate = false;
    std::int64_t width = 0;
    char group = 0;
    std::int64_t precision = -1;
    char type = 0;
};

FormatSpec read_spec(const Context& context, std::string_view text) {
    FormatSpec spec;
    const std::string_view whole_text = text;
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    std::size_t first = text.empty() ? 0 : 1;
    while (first < text.size() && (static_cast<unsigned char>(text[first]) & 0xC0U) == 0x80U) ++first;
    if (text.size() > first && is_align(text[first])) {
        spec.fill = text.substr(0, first);
        spec.align = text[first];
        text.remove_prefix(first + 1);
    } else if (!text.empty() && is_align(text[0])) {
        spec.align = text[0];
        text.remove_prefix(1);
    }
    const auto take = [&](std::string_view any) {
        if (text.empty() || any.find(text[0]) == std::string_view::npos) return char{0};
        const char c = text[0];
        text.remove_prefix(1);
        return c;
    };
    const auto number = [&](std::int64_t otherwise) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc::result_out_of_range || value > kWidest || value < 0)
            context.fail(LossFault::Memory, "This format asks for too many characters.", "Keep widths under 1000.");
        if (end == text.data()) return otherwise;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return value;
    };
    if (const char c = take("+- "); c != 0) spec.sign = c;
    spec.alternate = take("#") != 0;
    if (take("0") != 0 && spec.align == 0) {
        spec.fill = "0";
        spec.align = '=';
    }
    if (!text.empty() && text[0] != '-') spec.width = number(0);
    spec.group = take(",_");
    if (take(".") != 0) {
        spec.precision = text.empty() || text[0] == '-' ? -1 : number(-1);
        if (spec.precision < 0)
            context.fail("The format `" + std::string(whole_text) + "` has no number after its dot.", "Write .3f for three digits.");
    }
    if (text.size() == 1) {
        spec.type = text[0];
        text.remove_prefix(1);
    }
    if (!text.empty())
        context.fail("The format `" + std::string(whole_text.substr(0, 40)) + "` is not understood.",
                     "Write .3f for three digits, >8 for a width.");
    return spec;
}

void group_digits(std::string& digits, char mark) {
    std::size_t end = digits.find_first_of(".e%");
    if (end == std::string::npos) end = digits.size();
    for (std::size_t at = end; at > 3; at -= 3) digits.insert(at - 3, 1, mark);
}

std::size_t points_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const FormatSpec& spec, const std::string& sign, const std::string& body, char align) {
    const std::size_t length = points_in(sign) + points_in(body);
    const auto width = static_cast<std::size_t>(spec.width);
    if (length >= width) return sign + body;
    const std::size_t missing = width - length;
    const std::size_t left = align == '>' || align == '=' ? missing : align == '^' ? missing / 2 : 0;
    std::string before;
    std::string after;
    for (std::size_t i = 0; i < left; ++i) before += spec.fill;
    for (std::size_t i = left; i < missing; ++i) after += spec.fill;
    return align == '=' ? sign + before + body : before + sign + body + after;
}

std::string printed_float(double value, char type, std::int64_t precision) {
    const std::string form = std::string("%.*") + type;
    char buffer[2048];
    const int length = type == 'f'   ? std::snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(precision), value)
                       : type == 'F' ? std::snprintf(buffer, sizeof buffer, "%.*F", static_cast<int>(precision), value)
                       : type == 'e' ? std::snprintf(buffer, sizeof buffer, "%.*e", static_cast<int>(precision), value)
                       : type == 'E' ? std::snprintf(buffer, sizeof buffer, "%.*E", static_cast<int>(precision), value)
                       : type == 'g' ? std::snprintf(buffer, sizeof buffer, "%.*g", static_cast<int>(precision), value)
                                     : std::snprintf(buffer, sizeof buffer, "%.*G", static_cast<int>(precision), value);
    return {buffer, static_cast<std::size_t>(std::clamp(length, 0, static_cast<int>(sizeof buffer) - 1))};
}

std::string number_text(const Context& context, const Value& value, const FormatSpec& spec) {
    if (value.is_integral() && (spec.type == 0 || spec.type == 'd' || spec.type == 'n')) {
        std::string digits = std::to_string(value.as_int());
        return digits[0] == '-' ? digits.substr(1) : digits;
    }
    if (value.is_integral() && std::string_view("xXbo").find(spec.type) != std::string_view::npos) {
        auto number = static_cast<std::uint64_t>(value.as_int());
        if (value.as_int() < 0) number = 0 - number;
        const int base = spec.type == 'b' ? 2 : spec.type == 'o' ? 8 : 16;
        char buffer[72];
        const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number, base);
        std::string digits(buffer, end);
        if (spec.type == 'X')
            std::ranges::transform(digits, digits.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
        return (spec.alternate ? std::string("0") + spec.type : "") + digits;
    }
    const double size = std::fabs(value.as_float());
    const std::int64_t precision = spec.precision < 0 ? 6 : spec.precision;
    switch (spec.type) {
        case 0: {
            if (spec.precision < 0) return float_text(size);
            std::string text = printed_float(size, 'g', std::max<std::int64_t>(precision, 1));
            return text;
        }
        case 'f':
        case 'F':
        case 'e':
        case 'E': return printed_float(size, spec.type, precision);
        case 'g':
        case 'G':
        case 'n': return printed_float(size, spec.type == 'n' ? 'g' : spec.type, std::max<std::int64_t>(precision, 1));
        case '%': return printed_float(size * 100, 'f', precision) + "%";
        default:
            context.fail(std::string("The format letter `") + spec.type + "` does not fit " + described(value) + ".",
                         "Use d for whole numbers, f or e for floats.");
    }
}

}  // namespace

std::string described(const Value& value) {
    switch (value.kind()) {
        case ValueKind::None: return "None";
        case ValueKind::Tensor: {
            const at::Tensor& tensor = value.as_tensor();
            std::string text;
            switch (tensor.scalar_type()) {
                case at::kFloat: text = "float32"; break;
                case at::kDouble: text = "float64"; break;
                case at::kHalf: text = "float16"; break;
                case at::kBFloat16: text = "bfloat16"; break;
                case at::kLong: text = "int64"; break;
                case at::kInt: text = "int32"; break;
                case at::kShort: text = "int16"; break;
                case at::kChar: text = "int8"; break;
                case at::kByte: text = "uint8"; break;
                case at::kBool: text = "bool"; break;
                default: text = c10::toString(tensor.scalar_type());
            }
            text += " [";
            for (std::int64_t i = 0; i < tensor.dim(); ++i) text += (i > 0 ? ", " : "") + std::to_string(tensor.size(i));
            return text + "]";
        }
        case ValueKind::Bool:
        case ValueKind::Int:
        case ValueKind::Float: return std::string(value.type_name()) + " " + repr(value);
        case ValueKind::List:
        case ValueKind::Tuple: return std::string(value.type_name()) + " of " + std::to_string(value.items().size());
        default: return std::string(value.type_name());
    }
}

std::string repr(const Value& value, int depth) {
    if (depth > 30) return "…";
    switch (value.kind()) {
        case ValueKind::None: return "None";
        case ValueKind::Bool: return value.as_bool() ? "True" : "False";
        case ValueKind::Int: return std::to_string(value.as_int());
        case ValueKind::Float: return float_text(value.as_float());
        case ValueKind::String: return quoted(value.as_string());
        case ValueKind::List: return "[" + joined(value.items(), depth) + "]";
        case ValueKind::Tuple: return "(" + joined(value.items(), depth) + (value.items().size() == 1 ? ",)" : ")");
        case ValueKind::Dict:
        case ValueKind::Set: {
            const bool set = value.is(ValueKind::Set);
            if (set && value.pairs().empty()) return "set()";
            std::string text = "{";
            for (const auto& [key, item] : value.pairs()) {
                if (text.size() > 1) text += ", ";
                text += repr(key, depth + 1);
                if (!set) text += ": " + repr(item, depth + 1);
                if (text.size() > 100'000) break;
            }
            return text + "}";
        }
        case ValueKind::Range: {
            const auto& range = value.heap<RangeValue>();
            std::string text = "range(" + std::to_string(range.start) + ", " + std::to_string(range.stop);
            if (range.step != 1) text += ", " + std::to_string(range.step);
            return text + ")";
        }
        case ValueKind::Ellipsis: return "Ellipsis";
        case ValueKind::Tensor: return tensor_text(value.as_tensor());
        case ValueKind::Dtype: {
            const std::string text = described(Value(at::empty({0}, at::TensorOptions(static_cast<at::ScalarType>(value.as_dtype())))));
            return "torch." + text.substr(0, text.find(' '));
        }
        case ValueKind::Device: {
            const auto& device = value.heap<DeviceValue>();
            return "device(type='" + device.type + (device.index >= 0 ? "', index=" + std::to_string(device.index) : "'") + ")";
        }
        case ValueKind::Native: return "<function " + value.plain<NativeFunction>().name + ">";
        case ValueKind::Function: return "<function " + value.heap<FunctionValue>().node->name + ">";
        case ValueKind::Namespace: return "<module '" + value.plain<Namespace>().name + "'>";
        case ValueKind::Type: return "<class '" + value.plain<TypeValue>().name + "'>";
        default: return "<" + std::string(value.type_name()) + ">";
    }
}

std::string str(const Value& value) {
    if (value.is(ValueKind::String)) return value.as_string();
    if (value.is(ValueKind::Device)) {
        const auto& device = value.heap<DeviceValue>();
        return device.index >= 0 ? device.type + ":" + std::to_string(device.index) : device.type;
    }
    return repr(value);
}

std::string formatted(Context& context, const Value& given, std::string_view text) {
    if (text.empty()) return given.is_tensor() && given.as_tensor().dim() == 0 ? repr(item_of(context, given, "item")) : str(given);
    Value value = given;
    if (value.is_tensor()) {
        if (value.as_tensor().dim() != 0)
            context.fail("unsupported format string passed to Tensor.__format__: this tensor has more than one number.",
                         "Format a single number: x.mean(), or print the tensor without a format.");
        value = item_of(context, value, "item");
    }
    const FormatSpec spec = read_spec(context, text);
    if (value.is(ValueKind::String)) {
        if (spec.type != 0 && spec.type != 's')
            context.fail(std::string("The format letter `") + spec.type + "` does not fit a string.",
                         "Leave it out, or turn the string into a number with float().");
        std::string shown_text = value.as_string();
        if (spec.precision >= 0) {
            std::size_t at = 0;
            for (std::int64_t points = 0; at < shown_text.size(); ++at)
                if ((static_cast<unsigned char>(shown_text[at]) & 0xC0U) != 0x80U && points++ == spec.precision) break;
            shown_text.resize(at);
        }
        return padded(spec, "", shown_text, spec.align == 0 || spec.align == '=' ? '<' : spec.align);
    }
    if (!value.is_number()) {
        context.fail("A format cannot be applied to " + described(value) + ".", "Leave the part after the colon out.");
    }
    if (value.is(ValueKind::Bool) && spec.type == 0) value = Value(value.as_int());
    std::string body = number_text(context, value, spec);
    if (spec.group != 0) group_digits(body, spec.group);
    const bool negative = value.is_integral() ? value.as_int() < 0 : std::signbit(value.as_float()) && !std::isnan(value.as_float());
    const std::string sign = negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
    return padded(spec, sign, body, spec.align == 0 ? '>' : spec.align);
}

}  // namespace lossmith::engine::language

namespace lossmith::engine {

std::string shown(const Value& value) {
    return language::str(value);
}

}  // namespace lossmith::engine
