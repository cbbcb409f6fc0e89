#include "tests/unit/tokenizer/TokenizerFixture.h"

#include <QtTest/QtTest>
#include <fstream>

#include "core/tokenizer/ByteAlphabet.h"

namespace lossmith::test {

TokenizerPointer gpt2_tokenizer() {
    auto tokenizer = Tokenizer::gpt2();
    if (tokenizer) return *tokenizer;
    QTest::qFail(describe(tokenizer.error()).c_str(), __FILE__, __LINE__);
    return nullptr;
}

QByteArray as_text(const std::vector<TokenId>& ids) {
    QByteArray text;
    for (const TokenId id : ids) text += QByteArray::number(id) + ' ';
    return text.trimmed();
}

std::filesystem::path case_file(const char* name) {
    return std::filesystem::path(LOSSMITH_TEST_DATA) / "tokenizer" / name;
}

Json byte_vocabulary() {
    Json vocabulary = Json::object();
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        vocabulary[name_of_bytes({&c, 1})] = byte;
    }
    return vocabulary;
}

void Folder::write(const char* name, const std::string& text) const {
    std::ofstream stream(path() / name, std::ios::binary);
    stream << text;
    QVERIFY(stream.good());
}

}  // namespace lossmith::test
