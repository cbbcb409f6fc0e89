// What an import makes of delimited files made for each case: dialects, columns, faults, limits.
#include "Imports.h"

using namespace lossmith;
using namespace lossmith::testing;

class TestImport : public QObject {
    Q_OBJECT
    TestFiles m_files;

private Q_SLOTS:
    void an_empty_file_is_refused_with_a_sentence() {
        const auto guess = guess_import(m_files.write("empty.csv", ""));
        QVERIFY(!guess);
        QCOMPARE(guess.error().message, std::string("The file is empty."));
        QVERIFY(!guess_import(m_files.write("mark.csv", "\xEF\xBB\xBF")));
        QVERIFY(!guess_import(m_files.write("blank.csv", "\n\n  \n")));
    }

    void what_is_no_plain_file_is_refused() {
        QVERIFY(guess_import(m_files.folder() / "nowhere.csv").error().kind == ErrorKind::NotFound);
        QVERIFY(guess_import("/dev/zero").error().kind == ErrorKind::Unsupported);
        QTemporaryDir empty;
        QVERIFY(guess_import(empty.path().toStdString()).error().kind == ErrorKind::BadInput);
    }

    void a_header_alone_gives_no_rows() {
        const auto import = import_file(m_files.write("header.csv", "problem,solution\n"));
        VERIFY_OK(import);
        QCOMPARE(import->counts.rows, std::int64_t{0});
        QCOMPARE(import->counts.set_aside, std::int64_t{0});
    }

    void a_missing_last_line_end_loses_nothing() {
        for (const std::string end : {"", "\n", "\r\n", "\r"}) {
            const auto import = import_file(m_files.write("last.csv", "problem,solution\na,b\nc,d" + end));
            VERIFY_OK(import);
            QCOMPARE(import->rows.size(), std::size_t{2});
            QCOMPARE(import->rows[1].solution, std::string("d"));
        }
    }

    void line_ends_may_be_mixed() {
        const auto import = import_file(m_files.write("mixed.csv", "problem,solution\r\na,b\nc,d\r\n\r\n\ne,\"f\r\ng\nh\"\ni,j\r\n"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{4});
        QCOMPARE(import->rows[2].solution, std::string("f\r\ng\nh"));
        QCOMPARE(import->rows[2].line, std::int64_t{6});
        QCOMPARE(import->rows[3].line, std::int64_t{9});
    }

    void a_lone_carriage_return_among_line_feeds_is_text() {
        const auto import = import_file(m_files.write("lone.csv", "problem,solution\na,b\rc\nd\r,e\n"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{2});
        QCOMPARE(import->rows[0].solution, std::string("b\rc"));
        QCOMPARE(import->rows[1].problem, std::string("d\r"));
        QCOMPARE(import->rows[1].line, std::int64_t{3});
    }

    void carriage_returns_alone_end_lines_where_no_others_do() {
        const auto import = import_file(m_files.write("cr.csv", "problem,solution\ra,b\rc,\"d\re\"\rf,g"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{3});
        QCOMPARE(import->rows[1].solution, std::string("d\re"));
        QCOMPARE(import->rows[2].line, std::int64_t{5});
    }

    void empty_ragged_and_double_rows_are_set_aside_with_their_lines() {
        const auto import =
            import_file(m_files.write("faults.csv", "id,problem,solution\n1,a,b\n2,,b\n3,a,\" \n \"\n4,a\n5,a,b,c\n6,a,b\n\n7,c,d\n"));
        VERIFY_OK(import);
        QVERIFY((reasons(*import) == Texts{"3 empty", "4 empty", "6 ragged", "7 ragged", "8 duplicate"}));
        QCOMPARE(import->set_aside[2].message, std::string("2 cells where there are 3 columns."));
        QCOMPARE(import->set_aside[2].raw, std::string("4,a"));
        QCOMPARE(import->rows.size(), std::size_t{2});
        QCOMPARE(import->rows[1].line, std::int64_t{10});
        QCOMPARE(import->rows[1].others.at("id"), std::string("7"));
        QCOMPARE(import->counts.set_aside, std::int64_t{5});

        ImportOptions wanted;
        wanted.keep_duplicates = true;
        const auto kept = import_file(m_files.folder() / "faults.csv", wanted);
        VERIFY_OK(kept);
        QCOMPARE(kept->rows.size(), std::size_t{3});
    }

    void a_quote_never_closed_in_the_middle_costs_its_own_line() {
        std::string text = "problem,solution\n";
        for (int i = 0; i < 300; ++i) text += (i == 100 ? "\"open " : "row ") + std::to_string(i) + ",fine " + std::to_string(i) + "\n";
        const auto import = import_file(m_files.write("open.csv", text));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{299});
        QVERIFY((reasons(*import) == Texts{"102 open_quote"}));
        QCOMPARE(import->set_aside[0].raw, std::string("\"open 100,fine 100"));
    }

    void a_quote_left_open_among_quoted_rows_costs_its_own_line() {
        const auto import = import_file(
            m_files.write("among.csv", "problem,solution\n\"a\",\"b\"\n\"c,\"d\"\n\"e\",\"f\"\n\"g\",\"h\"\n\"i\",\"j\n\"k\",\"l\"\n"));
        VERIFY_OK(import);
        QStringList problems;
        for (const auto& row : import->rows) problems << QString::fromStdString(row.problem);
        QCOMPARE(problems, QStringList({QStringLiteral("a"), QStringLiteral("e"), QStringLiteral("g"), QStringLiteral("k")}));
        QCOMPARE(import->set_aside.size(), std::size_t{2});
        QCOMPARE(import->set_aside[1].line, std::int64_t{6});
    }

    void many_open_quotes_cost_no_more_than_linear_time() {
        std::string text = "problem,solution\n";
        for (int i = 0; i < 200'000; ++i) text += "\"a\n";
        const auto import = import_file(m_files.write("hostile.csv", text));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{0});
        QVERIFY(!import->set_aside.empty());
    }

    void quotes_within_text_are_text() {
        const auto import = import_file(m_files.write(
            "within.csv", "problem,solution\na 5\" pipe,\"he said \"no\" to me\"\nb, \"quoted, after a blank\" \n\"hello\" he said,c\n"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{3});
        QCOMPARE(import->rows[0].problem, std::string("a 5\" pipe"));
        QCOMPARE(import->rows[0].solution, std::string("he said \"no\" to me"));
        QCOMPARE(import->rows[1].solution, std::string("quoted, after a blank"));
        QCOMPARE(import->rows[2].problem, std::string("\"hello\" he said"));
    }

    void an_over_long_cell_sets_its_row_aside_and_the_next_is_read() {
        const std::string five_megabytes(5U << 20U, 'x');
        for (const std::string quote : {"", "\""}) {
            const auto import =
                import_file(m_files.write("long.csv", "problem,solution\na,b\nlong," + quote + five_megabytes + quote + "\nc,d\n"));
            VERIFY_OK(import);
            QVERIFY((reasons(*import) == Texts{"3 over_long"}));
            QCOMPARE(import->set_aside[0].raw.size(), std::size_t{2000});
            QCOMPARE(import->rows.size(), std::size_t{2});
            QCOMPARE(import->rows[1].problem, std::string("c"));
            ImportOptions wanted;
            wanted.longest_cell = 6'000'000;
            const auto whole = import_file(m_files.folder() / "long.csv", wanted);
            VERIFY_OK(whole);
            QCOMPARE(whole->rows.size(), std::size_t{3});
            QVERIFY(whole->rows[1].solution == five_megabytes);
        }
    }

    void a_line_of_a_hundred_thousand_cells_is_ragged_or_a_header() {
        const std::string wide(99'999, ',');
        const auto import = import_file(m_files.write("wide.csv", table_of(20) + wide + "\nlast,row\n"));
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{21});
        QCOMPARE(import->set_aside[0].message, std::string("100000 cells where there are 2 columns."));

        std::string header = "problem,solution";
        std::string row = "a,b";
        for (int i = 2; i < 100'000; ++i) {
            header += ",x";
            row += ",";
        }
        const auto guess = guess_import(m_files.write("header.csv", header + "\n" + row + "\n"));
        VERIFY_OK(guess);
        QCOMPARE(guess->columns.size(), std::size_t{100'000});
        const auto broad = import_with(m_files.folder() / "header.csv", guess->options);
        VERIFY_OK(broad);
        QCOMPARE(broad->rows.size(), std::size_t{1});
        QCOMPARE(broad->rows[0].others.size(), std::size_t{99'998});
    }

    void column_names_are_trimmed_numbered_and_told_apart() {
        const auto guess = guess_import(m_files.write("names.csv", " problem ,x,x,,x,solution\na,1,2,3,4,b\n"));
        VERIFY_OK(guess);
        QVERIFY((guess->columns == Texts{"problem", "x", "x 2", "column 4", "x 3", "solution"}));
    }

    void one_column_is_text_to_learn() {
        const auto path = m_files.write("one.csv", "text\nhello there, you\nsecond line\nthird, and last\n");
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        QVERIFY((guess->columns == Texts{"text"}));
        QVERIFY(!guess->options.problem);
        const auto import = import_with(path, guess->options);
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{3});
        QCOMPARE(import->rows[0].solution, std::string("hello there, you"));
        QVERIFY(import->rows[0].problem.empty());
    }

    void the_delimiter_is_found_in_spite_of_commas_in_the_text_data() {
        QTest::addColumn<QChar>("delimiter");
        for (const char delimiter : {';', '\t', '|', ','}) QTest::newRow(std::string(1, delimiter).c_str()) << QChar::fromLatin1(delimiter);
    }
    void the_delimiter_is_found_in_spite_of_commas_in_the_text() {
        QFETCH(QChar, delimiter);
        const std::string d(1, static_cast<char>(delimiter.toLatin1()));
        const std::string mark = d == "," ? "\"" : "";
        std::string text = "problem" + d + "solution\n";
        for (int i = 0; i < 30; ++i)
            text += mark + "Well, it broke, twice" + (i % 3 ? ", again" : "") + mark + d + mark + "Then, mend it" +
                    (i % 2 ? ", please" : "") + " " + std::to_string(i) + mark + "\n";
        const auto guess = guess_import(m_files.write("delimiter.csv", text));
        VERIFY_OK(guess);
        QCOMPARE(*guess->options.delimiter, d[0]);
        QCOMPARE(import_with(m_files.folder() / "delimiter.csv", guess->options)->rows.size(), std::size_t{30});
    }

    void apostrophes_are_quotes_only_where_they_quote() {
        const auto quoted = import_file(m_files.write("apostrophe.csv", "problem,solution\n'a, b','c'\n'd ''e''','f'\n"));
        VERIFY_OK(quoted);
        QCOMPARE(quoted->rows[0].problem, std::string("a, b"));
        QCOMPARE(quoted->rows[1].problem, std::string("d 'e'"));
        const auto plain = import_file(m_files.write("plain.csv", "problem,solution\n'tis late,go home\ndon't,\"won't, can't\"\n"));
        VERIFY_OK(plain);
        QCOMPARE(plain->rows[0].problem, std::string("'tis late"));
        QCOMPARE(plain->rows[1].solution, std::string("won't, can't"));
    }

    void a_file_without_header_is_told_by_its_first_line() {
        const auto path = m_files.write("bare.csv",
                                        "My screen stays dark when I start it.,Press the button for ten seconds.\n"
                                        "The door of the oven does not close.,Bend the hinge back.\n");
        const auto guess = guess_import(path);
        VERIFY_OK(guess);
        QCOMPARE(*guess->options.header, false);
        QVERIFY((guess->columns == Texts{"column 1", "column 2"}));
        const auto import = import_with(path, guess->options);
        VERIFY_OK(import);
        QCOMPARE(import->rows.size(), std::size_t{2});
        QCOMPARE(import->rows[0].line, std::int64_t{1});

        ImportOptions wanted;
        wanted.header = false;
        const auto obeyed = import_file(m_files.write("with.csv", "problem,solution\na,b\n"), wanted);
        VERIFY_OK(obeyed);
        QCOMPARE(obeyed->rows.size(), std::size_t{2});
    }

    void columns_are_guessed_by_name_or_by_length() {
        const auto guessed = [&](const std::string& text) {
            const auto guess = guess_import(m_files.write("columns.csv", text));
            return guess ? *guess->options.problem + ">" + *guess->options.solution : guess.error().message;
        };
        QCOMPARE(guessed("id,Question,Answer\n1,a,b\n"), std::string("Question>Answer"));
        QCOMPARE(guessed("output,input\na,b\n"), std::string("input>output"));
        QCOMPARE(guessed("instruction,response,category\na,b,c\n"), std::string("instruction>response"));
        QCOMPARE(guessed("number,short_description,description,resolution\n1,a,b,c\n"), std::string("description>resolution"));
        QCOMPARE(guessed("customer_complaint,shop_reply,n\na,b,1\n"), std::string("customer_complaint>shop_reply"));
        QCOMPARE(guessed("n,first,second\n1,some longer text,some other longer text\n"), std::string("first>second"));
        QCOMPARE(guessed("id,text,long\n1,a,bbbbbbbbbb\n"), std::string("text>long"));
    }

    void a_column_that_is_not_there_is_answered_with_the_nearest() {
        ImportOptions wanted;
        wanted.problem = "problm";
        const auto wrong = guess_import(m_files.write("near.csv", "problem,solution\na,b\n"), wanted);
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().hint, std::string("Did you mean \"problem\"?"));
        wanted.problem = "solution";
        wanted.solution = "solution";
        QVERIFY(!guess_import(m_files.folder() / "near.csv", wanted));
        ImportOptions complete = guess_import(m_files.folder() / "near.csv")->options;
        complete.solution = "elsewhere";
        QVERIFY(import_with(m_files.folder() / "near.csv", complete).error().kind == ErrorKind::NotFound);
        complete.solution.reset();
        QVERIFY(!import_with(m_files.folder() / "near.csv", complete));
        complete = {};
        QVERIFY(!import_with(m_files.folder() / "near.csv", complete));
    }
};

int run_import_tests(int argc, char** argv) {
    TestImport tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "test_import.moc"
