// Errors are values: what went wrong, where, and what to do next, in sentences a user can read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace lossmith {

enum class ErrorKind {
    BadInput,     ///< the user's file, text or setting is wrong
    NotFound,     ///< a file, column, run or model that was named does not exist
    Io,           ///< reading or writing failed: permissions, a full disk, a broken pipe
    Unsupported,  ///< valid, but not something this program can do
    Cancelled,    ///< somebody asked for it to stop; never shown as a failure
    OutOfMemory,  ///< memory ran out, on the host or on a device
    NotFinite,    ///< a number became NaN or infinite where it must not
    Internal,     ///< a fault of this program
};

/// Where in the user's material the error lies. Rows, lines and columns count from one.
struct ErrorPlace {
    std::string file;
    std::optional<std::int64_t> row;
    std::optional<std::int64_t> line;
    std::optional<std::int64_t> column;

    bool operator==(const ErrorPlace&) const = default;
};

struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string message;  ///< one sentence: what is wrong
    std::string hint;     ///< what to do next; may be empty
    ErrorPlace where;

    bool operator==(const Error&) const = default;

    [[nodiscard]] Error with_hint(std::string text) && {
        hint = std::move(text);
        return std::move(*this);
    }
    [[nodiscard]] Error in_file(std::string file) && {
        where.file = std::move(file);
        return std::move(*this);
    }
    [[nodiscard]] Error at_line(std::int64_t line) && {
        where.line = line;
        return std::move(*this);
    }
    [[nodiscard]] Error at_row(std::int64_t row) && {
        where.row = row;
        return std::move(*this);
    }

    [[nodiscard]] static Error bad_input(std::string message) { return {ErrorKind::BadInput, std::move(message), {}, {}}; }
    [[nodiscard]] static Error not_found(std::string message) { return {ErrorKind::NotFound, std::move(message), {}, {}}; }
    [[nodiscard]] static Error io(std::string message) { return {ErrorKind::Io, std::move(message), {}, {}}; }
    [[nodiscard]] static Error unsupported(std::string message) { return {ErrorKind::Unsupported, std::move(message), {}, {}}; }
    [[nodiscard]] static Error cancelled() { return {ErrorKind::Cancelled, "Cancelled.", {}, {}}; }
    [[nodiscard]] static Error out_of_memory(std::string message) { return {ErrorKind::OutOfMemory, std::move(message), {}, {}}; }
    [[nodiscard]] static Error not_finite(std::string message) { return {ErrorKind::NotFinite, std::move(message), {}, {}}; }
    [[nodiscard]] static Error internal(std::string message) { return {ErrorKind::Internal, std::move(message), {}, {}}; }
};

/// "complaints.csv, line 7, column 3: A quote is never closed." — the place, then the message.
[[nodiscard]] std::string describe(const Error& error);

/// The kind's name in JSON: "bad_input", "not_found", ….
[[nodiscard]] const char* name_of(ErrorKind kind);

}  // namespace lossmith
