// Every file of csv-nasty is read as expected.
#include <algorithm>
#include <map>

#include "Imports.h"
#include "core/base/Json.h"

using namespace lossmith;
using namespace lossmith::testing;

namespace {

/// What an expected row says of its cells, where the expectation and its CSV are known to differ.
bool is_known_slip(const std::string& file, const std::string& column) {
    return file == "location_coordinates" && column == "Contact Phone Number";
}

/// The windows-1252 file was written with question marks for the few characters that the encoding lacks.
std::string as_windows_1252_has_it(std::string text) {
    for (const std::string lacking : {"\u2318", "\u2190", "\u2191", "\u2192", "\u2193", "\u2236", "\u0113"})
        for (std::size_t place = 0; (place = text.find(lacking, place)) != std::string::npos;) text.replace(place, lacking.size(), "?");
    return text;
}

std::string with_spaces_for_line_feeds(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

}  // namespace

class TestCsvNasty : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void csv_spectrum_gives_the_expected_cells_data() {
        QTest::addColumn<QString>("name");
        for (const auto& entry : std::filesystem::directory_iterator(test_data("csv-nasty/spectrum/csv")))
            QTest::newRow(entry.path().stem().c_str()) << QString::fromStdString(entry.path().stem().string());
    }
    void csv_spectrum_gives_the_expected_cells() {
        QFETCH(QString, name);
        const std::string stem = name.toStdString();
        const auto expected = read_json_file(test_data("csv-nasty/spectrum/json/" + stem + ".json"));
        VERIFY_OK(expected);
        const Json rows = expected->is_array() ? *expected : Json::array({*expected});
        const auto path = test_data("csv-nasty/spectrum/csv/" + stem + ".csv");
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        QVERIFY(guess->options.header.value());
        const auto preview = preview_import(path, guess->options, 100);
        VERIFY_OK(preview);
        QCOMPARE(preview->cells.size(), rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            QCOMPARE(guess->columns.size(), rows[i].size());
            for (std::size_t column = 0; column < guess->columns.size(); ++column)
                if (!is_known_slip(stem, guess->columns[column]))
                    QCOMPARE(preview->cells[i][column], rows[i].at(guess->columns[column]).get<std::string>());
        }
    }

    void every_encoding_and_dialect_gives_the_rows_of_the_original_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<QChar>("delimiter");
        const auto row = [](const char* file, const char* encoding, char delimiter) {
            QTest::newRow(file) << QString::fromLatin1(file) << QString::fromLatin1(encoding) << QChar::fromLatin1(delimiter);
        };
        row("coffee_utf16be_bom", "UTF-16BE", ',');
        row("coffee_utf16le_bom_tab", "UTF-16LE", '\t');
        row("coffee_utf16le_nobom", "UTF-16LE", ',');
        row("gnome_help_cp1252", "WINDOWS-1252", ',');
        row("gnome_help_cr_only", "UTF-8", ',');
        row("gnome_help_utf8_quoted_newlines", "UTF-8", ',');
        row("gnome_help_utf8bom_semicolon", "UTF-8", ';');
    }
    void every_encoding_and_dialect_gives_the_rows_of_the_original() {
        QFETCH(QString, file);
        QFETCH(QString, encoding);
        QFETCH(QChar, delimiter);
        const std::string name = file.toStdString();
        const auto path = test_data("csv-nasty/encodings/" + name + ".csv");
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        QCOMPARE(*guess->options.encoding, encoding.toStdString());
        QCOMPARE(*guess->options.delimiter, static_cast<char>(delimiter.toLatin1()));
        QCOMPARE(*guess->options.problem, std::string("Problem"));
        QCOMPARE(*guess->options.solution, std::string("Solution"));
        const auto original = import_file(name.starts_with("coffee") ? test_data("csv-nasty/originals/stackexchange_coffee.csv")
                                                                     : sample_data("gnome_help.csv"));
        VERIFY_OK(original);
        QCOMPARE(original->rows.size(), std::size_t(name.starts_with("coffee") ? 208 : 265));
        const auto import = import_with(path, guess->options);
        VERIFY_OK(import);
        QCOMPARE(import->set_aside.size(), std::size_t{0});
        QCOMPARE(import->rows.size(), original->rows.size());
        for (std::size_t i = 0; i < import->rows.size(); ++i) {
            // The CR-only file was written with its rows on one line each.
            const bool cr_only = name == "gnome_help_cr_only";
            const auto comparable = [&](const std::string& text) {
                if (cr_only) return with_spaces_for_line_feeds(text);
                return name == "gnome_help_cp1252" ? as_windows_1252_has_it(text) : text;
            };
            QCOMPARE(import->rows[i].line, cr_only ? static_cast<std::int64_t>(i) + 2 : original->rows[i].line);
            QCOMPARE(import->rows[i].problem, comparable(original->rows[i].problem));
            QCOMPARE(import->rows[i].solution, comparable(original->rows[i].solution));
        }
    }

    void ragged_rows_are_set_aside_each_with_its_line() {
        const auto import = import_file(test_data("csv-nasty/encodings/gnome_help_ragged.csv"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{212});
        QCOMPARE(import->set_aside.size(), std::size_t{53});
        std::map<std::string, int> messages;
        std::int64_t last = 0;
        for (const auto& aside : import->set_aside) {
            QVERIFY(aside.reason == AsideReason::Ragged);
            QVERIFY(aside.line > last);
            QVERIFY(!aside.raw.empty() && aside.raw.size() <= 2000);
            last = aside.line;
            ++messages[aside.message];
        }
        QCOMPARE(messages["1 cell where there are 2 columns."], 26);
        QCOMPARE(messages["4 cells where there are 2 columns."], 27);
    }

    void a_file_cut_off_inside_a_quote_loses_that_row_alone() {
        const auto import = import_file(test_data("csv-nasty/encodings/gnome_help_truncated_open_quote.csv"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{39});
        QCOMPARE(import->set_aside.size(), std::size_t{1});
        QVERIFY(import->set_aside[0].reason == AsideReason::OpenQuote);
        QVERIFY(import->set_aside[0].line > import->rows.back().line);
        QVERIFY(import->set_aside[0].raw.find("Click on Settings.") != std::string::npos);
        const auto whole = import_file(sample_data("gnome_help.csv"));
        VERIFY_OK(whole);
        for (std::size_t i = 0; i < import->rows.size(); ++i) QCOMPARE(import->rows[i].solution, whole->rows[i].solution);
    }

    void the_samples_are_read_whole() {
        const auto complaints = import_file(sample_data("complaints.csv"));
        VERIFY_OK(complaints);
        QCOMPARE(complaints->rows.size() + complaints->set_aside.size(), std::size_t{3000});
        for (const auto& aside : complaints->set_aside) QVERIFY(aside.reason == AsideReason::Duplicate);
        QCOMPARE(complaints->rows[0].others.size(), std::size_t{3});
        const auto heldout = import_file(sample_data("complaints_heldout.csv"));
        VERIFY_OK(heldout);
        QCOMPARE(heldout->rows.size(), std::size_t{300});
    }
};

int run_csv_nasty_tests(int argc, char** argv) {
    TestCsvNasty tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "test_csv_nasty.moc"
