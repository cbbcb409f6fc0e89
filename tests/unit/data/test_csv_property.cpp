// Random tables written in random dialects are read back equal, wherever the pieces that are read happen to end.
#include <random>

#include "Imports.h"
#include "core/data/CsvScanner.h"
#include "core/data/DuplicateSet.h"

using namespace lossmith;
using namespace lossmith::testing;

namespace {

using Random = std::mt19937;

int below(Random& random, int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
}

std::string random_cell(Random& random) {
    static const std::vector<std::string> pieces = {"a",    "word ", ",", ";", "\t", "|",   "\"",  "\"\"", "'",    "''",    "\n",
                                                    "\r\n", "\r",    " ", "é", "😀", "0.5", "<b>", "\\",   "\\\"", "\n\"x", ",\"y"};
    std::string cell;
    for (int count = below(random, 12); count > 0; --count)
        cell += pieces[static_cast<std::size_t>(below(random, static_cast<int>(pieces.size())))];
    return cell;
}

std::string written(const std::string& cell, const CsvDialect& dialect, bool always_quoted) {
    const std::string special = std::string("\r\n \t") + dialect.delimiter + dialect.quote;
    if (!always_quoted && !cell.empty() && cell.find_first_of(special) == std::string::npos) return cell;
    std::string text(1, dialect.quote);
    for (const char c : cell) text += c == dialect.quote ? std::string(2, c) : std::string(1, c);
    return text + dialect.quote;
}

}  // namespace

class TestCsvProperty : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void a_random_table_in_a_random_dialect_is_read_back_equal() {
        TestFiles files;
        for (unsigned seed = 0; seed < 400; ++seed) {
            Random random(seed);
            const std::string end = std::vector<std::string>{"\n", "\r\n", "\r"}[static_cast<std::size_t>(below(random, 3))];
            const CsvDialect dialect{",;\t|"[below(random, 4)], "\"'"[below(random, 2)], end == "\r"};
            const int columns = 1 + below(random, 5);
            std::vector<std::vector<std::string>> table;
            std::string text;
            for (int row = below(random, 40); row >= 0; --row) {
                auto& cells = table.emplace_back();
                for (int column = 0; column < columns; ++column) {
                    cells.push_back(random_cell(random));
                    text += (column ? std::string(1, dialect.delimiter) : "") + written(cells.back(), dialect, below(random, 2) == 0);
                }
                if (row > 0 || below(random, 2)) text += end;
            }
            // Padding in front moves every boundary of the 64 KiB pieces through the table.
            const int padding = 65'536 - below(random, static_cast<int>(text.size()) + 2);
            const auto path = files.write("random.csv", std::string(static_cast<std::size_t>(padding), '\n') + text);
            TextSource source = *TextSource::open(path, "UTF-8", {});
            CsvScanner scanner(source, dialect);
            CsvRecord record;
            for (const auto& cells : table) {
                QVERIFY(*scanner.next(record));
                QVERIFY2(record.cells == cells && !record.open_quote, std::to_string(seed).c_str());
            }
            QVERIFY(!*scanner.next(record));
        }
    }

    void arbitrary_bytes_are_read_to_their_end() {
        TestFiles files;
        for (unsigned seed = 0; seed < 300; ++seed) {
            Random random(seed);
            std::string bytes = seed % 2 ? "problem,solution\n" : "";
            const std::string likely = "\",;\n\r\t| ab'{}\xFF\xFE\xC3\xA9";
            for (int count = below(random, 3'000); count > 0; --count)
                bytes += below(random, 4) ? likely[static_cast<std::size_t>(below(random, static_cast<int>(likely.size())))]
                                          : static_cast<char>(below(random, 256));
            const auto path = files.write(seed % 3 ? "any.csv" : seed % 2 ? "any.txt" : "any.jsonl", bytes);
            const auto import = import_file(path);
            if (!import) {
                QVERIFY(!import.error().message.empty() && import.error().kind != ErrorKind::Internal);
                continue;
            }
            std::int64_t last = 0;
            for (const auto& row : import->rows) {
                QVERIFY(row.line >= last);
                last = row.line;
            }
            QCOMPARE(import->counts.rows, static_cast<std::int64_t>(import->rows.size()));
            QCOMPARE(import->counts.set_aside, static_cast<std::int64_t>(import->set_aside.size()));
        }
    }

    void the_set_of_duplicates_tells_what_it_has_seen() {
        DuplicateSet seen;
        for (int i = 0; i < 50'000; ++i) QVERIFY(seen.add("problem " + std::to_string(i), "solution"));
        for (int i = 0; i < 50'000; ++i) QVERIFY(!seen.add("problem " + std::to_string(i), "solution"));
        QVERIFY(seen.add("problem 1", "another"));
        // Where one text ends and the other begins makes a difference.
        QVERIFY(seen.add("ab", "c"));
        QVERIFY(seen.add("a", "bc"));
        QVERIFY(seen.add("", "abc"));
    }

    void the_set_of_duplicates_stays_small() {
        // A gigabyte of short rows is ten million of them, and an import is to do with 300 MB, half of which LibTorch takes.
        DuplicateSet seen;
        constexpr std::size_t pairs = 1'000'000;
        for (std::size_t i = 0; i < pairs; ++i) {
            QVERIFY(seen.add(std::to_string(i), "solution"));
            if (i >= pairs / 4) QVERIFY(seen.bytes() < 13 * i);
        }
    }
};

int run_csv_property_tests(int argc, char** argv) {
    TestCsvProperty tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "test_csv_property.moc"
