// How the parser and interpreter unwind: an exception inside, turned into an Error by Program::parse and Interpreter::call.
#pragma once

#include <exception>
#include <string>

#include "core/base/Error.h"
#include "core/engine/loss/language/Budget.h"
#include "core/engine/loss/language/Program.h"

namespace lossmith::engine::language {

class Fault : public std::exception {
public:
    Fault(LossFault kind, std::string message, std::string hint, const SourceRange& where);
    [[nodiscard]] const char* what() const noexcept override { return m_text.c_str(); }
    [[nodiscard]] LossFault kind() const { return m_kind; }
    [[nodiscard]] const Error& error() const { return m_error; }

private:
    LossFault m_kind;
    Error m_error;
    std::string m_text;  // with the line, for those who only see a std::exception
};

[[noreturn]] void not_understood(const SourceRange& where, std::string message, std::string hint = {});
[[noreturn]] void deny(const SourceRange& where, std::string message, std::string hint);

}  // namespace lossmith::engine::language
