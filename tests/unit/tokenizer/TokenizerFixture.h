// What the tokenizer's tests share: GPT-2's tokenizer, ids as text, and folders with small tokenizers in them.
#pragma once

#include <QByteArray>
#include <QTemporaryDir>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::test {

using TokenizerPointer = std::shared_ptr<const Tokenizer>;

/// Fails the test and gives nullptr when it cannot be read.
TokenizerPointer gpt2_tokenizer();

/// "1 2 3", so that a failed comparison shows both sides.
QByteArray as_text(const std::vector<TokenId>& ids);

/// A file of tests/data/tokenizer.
std::filesystem::path case_file(const char* name);

/// The 256 byte tokens in the byte alphabet with ids 0 to 255, as vocab.json has them.
Json byte_vocabulary();

/// A folder of its own for a test's files.
class Folder {
public:
    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    void write(const char* name, const std::string& text) const;
    void write_json(const char* name, const Json& json) const { write(name, json.dump()); }

private:
    QTemporaryDir m_folder;
};

}  // namespace lossmith::test
