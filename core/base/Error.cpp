#include "core/base/Error.h"

namespace lossmith {

std::string describe(const Error& error) {
    std::string place = error.where.file;
    const auto append = [&place](const char* word, const std::optional<std::int64_t>& number) {
        if (!number) return;
        if (!place.empty()) place += ", ";
        place += word + std::to_string(*number);
    };
    append("row ", error.where.row);
    append("line ", error.where.line);
    append("column ", error.where.column);
    return place.empty() ? error.message : place + ": " + error.message;
}

const char* name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::BadInput: return "bad_input";
        case ErrorKind::NotFound: return "not_found";
        case ErrorKind::Io: return "io";
        case ErrorKind::Unsupported: return "unsupported";
        case ErrorKind::Cancelled: return "cancelled";
        case ErrorKind::OutOfMemory: return "out_of_memory";
        case ErrorKind::NotFinite: return "not_finite";
        case ErrorKind::Internal: return "internal";
    }
    return "internal";
}

}  // namespace lossmith
