// What an import makes of encodings and of the other formats, how it is previewed, followed and stopped.
#include <algorithm>

#include "Imports.h"
#include "core/base/Json.h"

using namespace lossmith;
using namespace lossmith::testing;

namespace {

std::string utf16(const std::string& ascii, bool little) {
    std::string bytes;
    for (const char c : ascii) {
        bytes += little ? c : '\0';
        bytes += little ? '\0' : c;
    }
    return bytes;
}

}  // namespace

class TestImportFormats : public QObject {
    Q_OBJECT
    TestFiles m_files;

private Q_SLOTS:
    void a_byte_order_mark_belongs_to_no_column_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("encoding");
        const std::string text = "problem,solution\na,b\n";
        const auto row = [](const char* name, const std::string& bytes) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString::fromLatin1(name);
        };
        row("UTF-8", "\xEF\xBB\xBF" + text);
        row("UTF-16LE", "\xFF\xFE" + utf16(text, true));
        row("UTF-16BE", "\xFE\xFF" + utf16(text, false));
        std::string utf32 = std::string("\xFF\xFE\0\0", 4);
        for (const char c : text) utf32 += std::string(1, c) + std::string(3, '\0');
        row("UTF-32LE", utf32);
    }
    void a_byte_order_mark_belongs_to_no_column() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, encoding);
        const auto path = m_files.write("mark.csv", bytes.toStdString());
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        QCOMPARE(*guess->options.encoding, encoding.toStdString());
        QVERIFY((guess->columns == Texts{"problem", "solution"}));
        const auto import = import_with(path, guess->options);
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{1});
        QCOMPARE(import->rows[0].solution, std::string("b"));
    }

    void legacy_encodings_are_told_and_decoded() {
        std::string western = "problem,solution\n";
        for (int i = 0; i < 20; ++i)
            western += "O\xF9 est le caf\xE9 de No\xEBl? " + std::to_string(i) + ",L\xE0-bas derri\xE8re l'\xE9glise\n";
        const auto french = import_file(m_files.write("western.csv", western));
        VERIFY_OK(french);
        QCOMPARE(french->rows.size(), std::size_t{20});
        QCOMPARE(french->rows[0].solution, std::string("Là-bas derrière l'église"));

        // "日本語の問題です。" and "これが答えです。" in Shift-JIS.
        const std::string problem = "\x93\xFA\x96\x7B\x8C\xEA\x82\xCC\x96\xE2\x91\xE8\x82\xC5\x82\xB7\x81\x42";
        const std::string solution = "\x82\xB1\x82\xEA\x82\xAA\x93\x9A\x82\xA6\x82\xC5\x82\xB7\x81\x42";
        std::string japanese = "problem,solution\n";
        for (int i = 0; i < 20; ++i) japanese += problem + std::to_string(i) + "," + solution + "\n";
        const auto path = m_files.write("japanese.csv", japanese);
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        QCOMPARE(*guess->options.encoding, std::string("SHIFT_JIS"));
        const auto import = import_with(path, guess->options);
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{20});
        QCOMPARE(import->rows[0].problem, std::string("日本語の問題です。0"));
        QCOMPARE(import->rows[0].solution, std::string("これが答えです。"));
    }

    void the_encoding_can_be_chosen() {
        ImportOptions wanted;
        wanted.encoding = "windows-1251";
        const auto import = import_file(m_files.write("cyrillic.csv", "problem,solution\n\xE4\xE0,\xED\xE5\xF2\n"), wanted);
        VERIFY_OK(import);
        QCOMPARE(import->rows[0].problem, std::string("да"));
        QCOMPARE(import->rows[0].solution, std::string("нет"));
        wanted.encoding = "no-such-encoding";
        QVERIFY(guess_import(m_files.write("a.csv", "problem,solution\na,b\n"), wanted).error().kind == ErrorKind::Unsupported);
        wanted.encoding = "UTF-8//TRANSLIT";
        QVERIFY(!guess_import(m_files.write("a.csv", "problem,solution\na,b\n"), wanted));
    }

    void bytes_that_do_not_decode_cost_their_row_alone() {
        std::string text = table_of(3);
        text += "caf\xC3\xA9 \xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9,fine\nbad \xFF,byte\nthis is,well\n";
        const auto import = import_file(m_files.write("bad.csv", text));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{5});
        QVERIFY((reasons(*import) == Texts{"6 undecodable"}));
        QCOMPARE(import->set_aside[0].raw, std::string("bad \xEF\xBF\xBD,byte"));

        // A lone surrogate, and a text that ends within a character.
        ImportOptions wanted;
        wanted.encoding = "UTF-16LE";
        std::string wide = utf16("problem,solution\na,b\nc,", true) + std::string("\x00\xD8", 2) + utf16("\ne,f", true) + "g";
        const auto sixteen = import_file(m_files.write("wide.csv", wide), wanted);
        VERIFY_OK(sixteen);
        QCOMPARE(sixteen->rows.size(), std::size_t{1});
        QVERIFY((reasons(*sixteen) == Texts{"3 undecodable", "4 undecodable"}));
    }

    void a_nul_character_sets_its_row_aside() {
        const auto import = import_file(m_files.write("nul.csv", table_of(50) + std::string("a\0b,c\n", 6) + "d,e\n"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{51});
        QVERIFY((reasons(*import) == Texts{"52 undecodable"}));
    }

    void json_lines_are_rows() {
        const auto path = m_files.write("rows.jsonl",
                                        "{\"question\": \"a\\nb\", \"answer\": \"c\", \"n\": 1, \"list\": [1, {\"x\": null}]}\r\n\n"
                                        "{\"question\": \"d\"}\nnot json\n[1]\n{\"question\": \"\", \"answer\": \"e\"}\n"
                                        "{\"question\": \"f\", \"answer\": \"\\u0000\"}\n{\"answer\": \"h\", \"question\": \"g\"}");
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        QVERIFY(*guess->options.format == FileFormat::JsonLines);
        QVERIFY((guess->columns == Texts{"question", "answer", "n", "list"}));
        const auto import = import_with(path, guess->options);
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{2});
        QCOMPARE(import->rows[0].problem, std::string("a\nb"));
        QCOMPARE(import->rows[0].others.at("n"), std::string("1"));
        QCOMPARE(import->rows[0].others.at("list"), std::string("[1,{\"x\":null}]"));
        QCOMPARE(import->rows[1].line, std::int64_t{8});
        QVERIFY((reasons(*import) == Texts{"3 missing_column", "4 not_json", "5 not_json", "6 empty", "7 undecodable"}));
    }

    void json_that_is_hostile_is_set_aside() {
        const std::string deep = std::string(100'000, '[');
        ImportOptions wanted;
        wanted.encoding = "UTF-8";
        const auto import = import_file(m_files.write("deep.jsonl", "{\"problem\": \"a\", \"solution\": \"b\"}\n{\"problem\": " + deep +
                                                                        "}\n{\"problem\": \"\xFF\"}\n" + std::string(3'000'000, ' ') +
                                                                        "x\n{\"problem\": \"c\", \"solution\": \"d\"}\n"),
                                        wanted);
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{2});
        QVERIFY((reasons(*import) == Texts{"2 not_json", "3 undecodable", "4 over_long"}));
    }

    void a_json_array_is_refused_with_what_to_do() {
        const auto guess = guess_import(m_files.write("array.json", "[{\"problem\": \"a\"}]"));
        QVERIFY(!guess);
        QVERIFY(guess.error().hint.find("jq") != std::string::npos);
    }

    void plain_text_is_cut_at_blank_lines() {
        ImportOptions wanted;
        wanted.text_row_bytes = 20;
        const auto path = m_files.write("story.txt", "\n\nFirst one.\r\n\r\nSecond.\n \n\nA third paragraph here.\n\n\n");
        const auto guess = guess_import(path, wanted);
        VERIFY_OK(guess);
        QVERIFY(*guess->options.format == FileFormat::PlainText);
        QVERIFY(!guess->options.problem);
        const auto import = import_with(path, guess->options);
        VERIFY_OK(import);
        Texts texts;
        for (const auto& row : import->rows) texts.push_back(std::to_string(row.line) + " " + row.solution);
        QVERIFY((texts == Texts{"3 First one.\n\nSecond.", "8 A third paragraph", "8 here."}));
    }

    void plain_text_without_any_break_is_still_cut_and_loses_nothing() {
        std::string text;
        for (int i = 0; i < 100'000; ++i) text += "é";
        ImportOptions wanted;
        wanted.text_row_bytes = 1'001;
        const auto import = import_file(m_files.write("wall.txt", text), wanted);
        VERIFY_OK(import);
        std::string joined;
        for (const auto& row : import->rows) {
            QVERIFY(row.solution.size() <= 1'001);
            joined += row.solution;
        }
        // Every row but the last is full, so none of them is like an earlier one only by the duplicates' rule.
        QVERIFY(import->set_aside.size() + import->rows.size() == 200);
        wanted.keep_duplicates = true;
        joined.clear();
        const auto all = import_file(m_files.folder() / "wall.txt", wanted);
        for (const auto& row : all->rows) joined += row.solution;
        QVERIFY(joined == text);
    }

    void a_folder_of_text_files_is_read_in_name_order() {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        std::ofstream(path / "b.txt") << "Second file.\n";
        std::ofstream(path / "a.txt") << "First file.\n";
        std::ofstream(path / "c.csv") << "not,this\n";
        std::ofstream(path / "d.txt");
        const auto import = import_file(path);
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{2});
        QCOMPARE(import->rows[0].solution, std::string("First file."));
        QCOMPARE(import->rows[0].others.at("file"), std::string("a.txt"));
        QCOMPARE(import->rows[1].line, std::int64_t{1});
        QCOMPARE(import->counts.bytes, std::int64_t{25});
    }

    void a_table_in_a_txt_file_is_a_table() {
        const auto guess = guess_import(m_files.write("table.txt", "problem\tsolution\na, b\tc\nd\te, f, g\n"));
        VERIFY_OK(guess);
        QVERIFY(*guess->options.format == FileFormat::Csv);
        QCOMPARE(*guess->options.delimiter, '\t');
    }

    void the_preview_shows_cells_raw_lines_and_faults() {
        const auto path = m_files.write("preview.csv", "problem,solution\n\"a,b\",c\nd\ne,f\ng,h\n");
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        const auto preview = preview_import(path, guess->options, 3);
        VERIFY_OK(preview);
        QVERIFY((preview->raw_lines == Texts{"\"a,b\",c", "d", "e,f"}));
        QCOMPARE(preview->cells.size(), std::size_t{3});
        QVERIFY((preview->cells[0] == Texts{"a,b", "c"}));
        QVERIFY((preview->cells[1] == Texts{"d"}));
        QCOMPARE(preview->set_aside.size(), std::size_t{1});
        QCOMPARE(preview->set_aside[0].line, std::int64_t{3});
    }

    void an_import_stops_when_cancelled_and_when_its_sink_fails() {
        const auto path = m_files.write("stop.csv", table_of(20'000));
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        const CancellationToken cancelled;
        int rows = 0;
        RowSink sink;
        sink.row = [&](const SourceRow&) -> Status {
            if (++rows == 10) cancelled.cancel();
            return {};
        };
        const auto outcome = read_rows(path, guess->options, sink, {}, cancelled);
        QVERIFY(!outcome && outcome.error().kind == ErrorKind::Cancelled);
        QCOMPARE(rows, 10);
        sink.row = [](const SourceRow&) -> Status { return failure(Error::io("The disk is full.")); };
        QCOMPARE(read_rows(path, guess->options, sink).error().message, std::string("The disk is full."));
    }

    void cancel_is_seen_within_one_endless_cell() {
        const auto path = m_files.write("cell.csv", "problem,solution\na,\"" + std::string(3'000'000, 'x'));
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        const CancellationToken cancelled;
        cancelled.cancel();
        QVERIFY(read_rows(path, guess->options, {}, {}, cancelled).error().kind == ErrorKind::Cancelled);
    }

    void progress_grows_to_the_size_of_the_file() {
        const std::string text = table_of(20'000);
        const auto path = m_files.write("progress.csv", text);
        std::vector<std::int64_t> done;
        const auto outcome = read_rows(path, guess_import(path)->options, {}, [&](const Progress& progress) {
            QCOMPARE(progress.total, static_cast<std::int64_t>(text.size()));
            done.push_back(progress.done);
        });
        VERIFY_OK(outcome);
        QVERIFY(done.size() > 5);
        QVERIFY(std::is_sorted(done.begin(), done.end()));
        QCOMPARE(done.back(), static_cast<std::int64_t>(text.size()));
    }

    void options_come_back_from_their_json() {
        ImportOptions options;
        QVERIFY(*import_options_from_json(Json(options)) == options);
        options.format = FileFormat::PlainText;
        options.encoding = "UTF-16LE";
        options.delimiter = '\t';
        options.quote = '\'';
        options.header = false;
        options.problem = "p";
        options.solution = "s";
        options.longest_cell = 5;
        options.text_row_bytes = 6;
        options.keep_duplicates = true;
        QVERIFY(*import_options_from_json(Json(options)) == options);
        QVERIFY(!import_options_from_json(Json{{"delimiter", ",,"}}));
        QVERIFY(!import_options_from_json(Json{{"format", "xlsx"}}));
        QCOMPARE(import_options_from_json(Json{{"delimeter", ","}}).error().hint, std::string("Did you mean `delimiter`?"));
    }
};

int run_import_format_tests(int argc, char** argv) {
    TestImportFormats tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "test_import_formats.moc"
