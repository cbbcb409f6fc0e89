#include "core/engine/loss/language/Fault.h"

namespace lossmith::engine {

const char* name_of(LossFault fault) {
    switch (fault) {
        case LossFault::None: return "none";
        case LossFault::NotUnderstood: return "not_understood";
        case LossFault::Denied: return "denied";
        case LossFault::Failed: return "error";
        case LossFault::Timeout: return "timeout";
        case LossFault::Memory: return "memory";
        case LossFault::Cancelled: return "cancelled";
    }
    return "error";
}

namespace language {
namespace {

ErrorKind kind_of(LossFault fault) {
    if (fault == LossFault::Denied) return ErrorKind::Unsupported;
    if (fault == LossFault::Memory) return ErrorKind::OutOfMemory;
    if (fault == LossFault::Cancelled) return ErrorKind::Cancelled;
    return ErrorKind::BadInput;
}

}  // namespace

Fault::Fault(LossFault kind, std::string message, std::string hint, const SourceRange& where)
    : m_kind(kind), m_error{kind_of(kind), std::move(message), std::move(hint), {}} {
    if (where.line > 0) {
        m_error.where.line = where.line;
        m_error.where.column = where.column;
    }
    m_text = describe(m_error);
}

void not_understood(const SourceRange& where, std::string message, std::string hint) {
    throw Fault(LossFault::NotUnderstood, std::move(message), std::move(hint), where);
}

void deny(const SourceRange& where, std::string message, std::string hint) {
    throw Fault(LossFault::Denied, std::move(message), std::move(hint), where);
}

}  // namespace language
}  // namespace lossmith::engine
