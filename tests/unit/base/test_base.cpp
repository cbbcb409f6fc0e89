// SHA-256 against the examples of FIPS 180-4 (https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values).
#include <QObject>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <string>

#include "core/base/Files.h"
#include "core/base/Sha256.h"

using namespace lossmith;

class TestBase : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void a_digest_is_that_of_the_standard_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("digest");
        QTest::newRow("nothing") << QByteArray() << QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        QTest::newRow("abc") << QByteArray("abc") << QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        QTest::newRow("two blocks") << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                                    << QByteArray("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        QTest::newRow("a million letters") << QByteArray(1'000'000, 'a')
                                           << QByteArray("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }

    void a_digest_is_that_of_the_standard() {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, digest);
        const std::string text = bytes.toStdString();
        QCOMPARE(sha256_of(text), digest.toStdString());
        Sha256 in_pieces;
        for (std::size_t at = 0; at < text.size(); at += 777) in_pieces.add(std::string_view(text).substr(at, 777));
        QCOMPARE(in_pieces.hex(), digest.toStdString());
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("file")).toStdString();
        std::ofstream(path, std::ios::binary) << text;
        QCOMPARE(sha256_of_file(path).value(), digest.toStdString());
    }

    void a_file_that_is_not_there_has_none() { QVERIFY(!sha256_of_file("/nowhere/at/all")); }
};

QTEST_GUILESS_MAIN(TestBase)
#include "test_base.moc"
