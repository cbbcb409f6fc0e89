// Template and split: the text, ids, labels and shares that come of them.
#include <QtTest/QtTest>
#include <fstream>

#include "core/data/ContentHash.h"
#include "core/data/ExampleView.h"
#include "core/data/Split.h"
#include "core/data/Template.h"
#include "core/tokenizer/Tokenizer.h"

using namespace lossmith;

namespace {

constexpr TokenId end_of_text = 50256;

std::shared_ptr<const Tokenizer> gpt2() {
    static const auto tokenizer = Tokenizer::gpt2();
    return tokenizer ? *tokenizer : nullptr;
}

std::vector<std::int64_t> unlabelled(std::size_t count) {
    return std::vector<std::int64_t>(count, ignore_index);
}

}  // namespace

class TestTemplate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(gpt2()); }

    void the_default_gives_the_golden_rows() {
        std::ifstream file(std::filesystem::path(LOSSMITH_TEST_DATA) / "golden/encoded_rows.jsonl");
        const TemplateSpec spec;
        int rows = 0;
        for (std::string line; std::getline(file, line); ++rows) {
            const Json golden = *parse_json(line);
            const auto prompt = golden["prompt"].get<std::string>();
            const auto completion = golden["completion"].get<std::string>();
            // "Problem: …\nSolution:" and " …" around the cells.
            const std::string problem = prompt.substr(9, prompt.size() - 9 - 10);
            const std::string solution = completion.substr(1);
            QCOMPARE(prompt_text(spec, problem), prompt);
            QCOMPARE(completion_text(spec, solution), completion);
            const auto example = encode_example(spec, *gpt2(), problem, solution, 0);
            QVERIFY(example.has_value());
            QVERIFY(example->input_ids == golden["input_ids"].get<std::vector<std::int32_t>>());
            QVERIFY(example->labels == golden["labels"].get<std::vector<std::int64_t>>());
            QCOMPARE(example->truncated_tokens, std::size_t{0});
            const auto prompt_ids = encode_prompt(spec, *gpt2(), problem);
            QVERIFY(prompt_ids.has_value());
            QCOMPARE(prompt_ids->size(), example->prompt_tokens);
            QVERIFY(std::equal(prompt_ids->begin(), prompt_ids->end(), example->input_ids.begin()));
            QCOMPARE(example->labelled_tokens(), example->input_ids.size() - example->prompt_tokens);
        }
        QCOMPARE(rows, 24);
    }

    void with_problem_too_everything_is_labelled() {
        TemplateSpec spec;
        spec.labels = LabelRule::ProblemToo;
        spec.start_token = "<|endoftext|>";
        const auto example = encode_example(spec, *gpt2(), "a", "b", 0);
        QVERIFY(example.has_value());
        QVERIFY(std::equal(example->labels.begin(), example->labels.end(), example->input_ids.begin()));
        QCOMPARE(example->input_ids.front(), end_of_text);
        QCOMPARE(example->input_ids.back(), end_of_text);
    }

    void truncation_on_the_right_takes_the_end_token_with_it() {
        const TemplateSpec spec;
        const auto whole = *encode_example(spec, *gpt2(), "one two three", "four five six", 0);
        const std::size_t limit = whole.input_ids.size() - 2;
        const auto cut = *encode_example(spec, *gpt2(), "one two three", "four five six", limit);
        QCOMPARE(cut.input_ids.size(), limit);
        QVERIFY(std::equal(cut.input_ids.begin(), cut.input_ids.end(), whole.input_ids.begin()));
        QVERIFY(std::equal(cut.labels.begin(), cut.labels.end(), whole.labels.begin()));
        QCOMPARE(cut.truncated_tokens, std::size_t{2});
        QCOMPARE(cut.prompt_tokens, whole.prompt_tokens);
        const auto prompt_only = *encode_example(spec, *gpt2(), "one two three", "four five six", 3);
        QCOMPARE(prompt_only.prompt_tokens, std::size_t{3});
        QVERIFY(prompt_only.labels == unlabelled(3));
        QCOMPARE(prompt_only.labelled_tokens(), std::size_t{0});
    }

    void truncation_on_the_left_takes_the_beginning_of_the_prompt() {
        TemplateSpec spec;
        spec.truncation_side = TruncationSide::Left;
        const auto whole = *encode_example(spec, *gpt2(), "one two three", "four five six", 0);
        const auto cut = *encode_example(spec, *gpt2(), "one two three", "four five six", whole.input_ids.size() - 2);
        QVERIFY(std::equal(cut.input_ids.begin(), cut.input_ids.end(), whole.input_ids.begin() + 2));
        QCOMPARE(cut.prompt_tokens, whole.prompt_tokens - 2);
        QCOMPARE(cut.input_ids.back(), end_of_text);
        const auto tail = *encode_example(spec, *gpt2(), "one two three", "four five six", 2);
        QCOMPARE(tail.prompt_tokens, std::size_t{0});
        QCOMPARE(tail.labelled_tokens(), std::size_t{2});
        QCOMPARE(encode_example(spec, *gpt2(), "one two three", "four five six", whole.input_ids.size())->truncated_tokens, std::size_t{0});
    }

    void a_special_token_in_a_cell_is_text_unless_the_template_says_otherwise() {
        TemplateSpec spec;
        spec.end_token.clear();
        const auto as_text = *encode_example(spec, *gpt2(), "<|endoftext|>", "x", 0);
        QCOMPARE(std::count(as_text.input_ids.begin(), as_text.input_ids.end(), end_of_text), std::ptrdiff_t{0});
        spec.special_tokens_in_text = true;
        const auto as_token = *encode_example(spec, *gpt2(), "<|endoftext|>", "x", 0);
        QCOMPARE(std::count(as_token.input_ids.begin(), as_token.input_ids.end(), end_of_text), std::ptrdiff_t{1});
    }

    void special_tokens_that_the_template_spells_out_are_tokens() {
        const std::vector<std::string> names = {"<|problem|>", "<|solution|>"};
        const auto tokenizer = gpt2()->with_added_tokens(names);
        TemplateSpec spec;
        spec.added_tokens = names;
        spec.prompt = "<|problem|>{problem}<|solution|>";
        spec.completion = "{solution}";
        QVERIFY(spec.validate().empty());
        const auto ids = encode_prompt(spec, *tokenizer, "say <|solution|>");
        QVERIFY(ids.has_value());
        QCOMPARE(ids->front(), 50257);
        QCOMPARE(ids->back(), 50258);
        QCOMPARE(std::count(ids->begin(), ids->end(), 50258), std::ptrdiff_t{1});
        const auto text = gpt2()->encode("say <|solution|>");
        QVERIFY(std::equal(text.begin(), text.end(), ids->begin() + 1, ids->end() - 1));
    }

    void a_special_token_that_the_vocabulary_lacks_is_an_error() {
        TemplateSpec spec;
        spec.added_tokens = {"<|problem|>"};
        const auto lacking = encode_example(spec, *gpt2(), "a", "b", 0);
        QVERIFY(!lacking && lacking.error().message.find("<|problem|>") != std::string::npos);
        spec.added_tokens.clear();
        spec.end_token = "<|nowhere|>";
        QVERIFY(!encode_example(spec, *gpt2(), "a", "b", 0));
        spec.end_token.clear();
        spec.start_token = "<|nowhere|>";
        QVERIFY(!encode_prompt(spec, *gpt2(), "a"));
    }

    void padding_fills_up_at_the_right_and_is_labelled_only_when_asked() {
        const std::vector<std::string> names = {"<|pad|>"};
        const auto tokenizer = gpt2()->with_added_tokens(names);
        TemplateSpec spec;
        spec.added_tokens = names;
        spec.pad_token = "<|pad|>";
        auto example = *encode_example(spec, *tokenizer, "a", "b", 0);
        const std::size_t real = example.input_ids.size();
        const std::size_t labelled = example.labelled_tokens();
        QVERIFY(example.ended);
        QVERIFY(pad_example(example, spec, *tokenizer, real + 3));
        QCOMPARE(example.input_ids.size(), real + 3);
        QCOMPARE(example.padding_tokens, std::size_t{3});
        QCOMPARE(example.input_ids.back(), 50257);
        QCOMPARE(example.labelled_tokens(), labelled);
        spec.label_padding = true;
        QVERIFY(pad_example(example, spec, *tokenizer, real + 5));
        QCOMPARE(example.padding_tokens, std::size_t{5});
        QCOMPARE(example.labelled_tokens(), labelled + 2);
        QVERIFY(pad_example(example, spec, *tokenizer, 1));
        QCOMPARE(example.input_ids.size(), real + 5);
        spec.pad_token = "<|nowhere|>";
        QVERIFY(!pad_example(example, spec, *tokenizer, real + 6));
    }

    void labels_follow_the_rule_data() {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("labelled");
        const auto row = [](const char* name, const char* json, const char* labelled) {
            QTest::newRow(name) << QString::fromUtf8(json) << QString::fromUtf8(labelled);
        };
        row("solution only", R"({})", " give 12 of 7.<|endoftext|>");
        row("problem too", R"({"labels": "problem_too"})", "Problem: ask 3\nSolution: give 12 of 7.<|endoftext|>");
        row("after a marker", R"({"labels": "after_marker", "label_marker": "give"})", " 12 of 7.<|endoftext|>");
        row("after the first of two", R"({"labels": "after_marker", "label_marker": "Problem:"})",
            " ask 3\nSolution: give 12 of 7.<|endoftext|>");
        row("a marker that is not there", R"({"labels": "after_marker", "label_marker": "nowhere"})", "");
        row("the last tokens", R"({"labels": "last_tokens", "label_tokens": 3})", " 7.<|endoftext|>");
        row("more than there are", R"({"labels": "last_tokens", "label_tokens": 1000})",
            "Problem: ask 3\nSolution: give 12 of 7.<|endoftext|>");
        row("a pattern", R"({"labels": "pattern", "label_pattern": "\\d+"})", " 3 12 7");
        row("a pattern's group", R"x({"labels": "pattern", "label_pattern": "of (\\d+)"})x", " 7");
        row("a pattern that reaches the end", R"({"labels": "pattern", "label_pattern": "of .*$"})", " of 7.<|endoftext|>");
    }
    void labels_follow_the_rule() {
        QFETCH(QString, json);
        QFETCH(QString, labelled);
        const auto spec = template_spec_from_json(*parse_json(json.toStdString()));
        QVERIFY(spec.has_value() && spec->validate().empty());
        const auto example = *encode_example(*spec, *gpt2(), "ask 3", "give 12 of 7.", 0);
        std::vector<std::int32_t> ids;
        for (std::size_t i = 0; i < example.labels.size(); ++i) {
            if (example.labels[i] == ignore_index) continue;
            QCOMPARE(example.labels[i], std::int64_t{example.input_ids[i]});
            ids.push_back(example.input_ids[i]);
        }
        QCOMPARE(QString::fromStdString(gpt2()->decode(ids)), labelled);
        QCOMPARE(*template_spec_from_json(Json(*spec)), *spec);
    }

    void labels_by_hand_win_over_the_rule_and_stay_with_the_cell_when_the_template_changes() {
        const auto labelled_text = [](const TemplateSpec& spec, const RowLabels& by_hand) {
            const ExampleView view = *view_example(spec, *gpt2(), "ask 3", "give 12 of 7.", 0, 0, by_hand);
            std::vector<std::int32_t> ids;
            for (const ExampleToken& token : view.tokens)
                if (token.labelled) ids.push_back(token.id);
            return gpt2()->decode(ids);
        };
        TemplateSpec spec;
        const ExampleView view = *view_example(spec, *gpt2(), "ask 3", "give 12 of 7.", 0);
        std::size_t twelve = 0;
        while (gpt2()->bytes_of(view.tokens[twelve].id) != " 12") ++twelve;
        RowLabels by_hand = labels_by_hand(view, twelve, twelve + 1, false);
        QCOMPARE(labelled_text(spec, by_hand), std::string(" give 7.<|endoftext|>"));
        by_hand.push_back({LabelledRange::Cell::Problem, 0, 3, true});
        by_hand.push_back({LabelledRange::Cell::End, 0, 1, false});
        QCOMPARE(labelled_text(spec, by_hand), std::string(" ask give 7."));
        spec.prompt = "Someone wrote: {problem} What now?";
        spec.start_token = "<|endoftext|>";
        QCOMPARE(labelled_text(spec, by_hand), std::string(" ask give 7."));
        QVERIFY(*row_labels_from_json(row_labels_json(by_hand)) == by_hand);
    }

    void labels_by_hand_are_tidied_without_changing_their_meaning() {
        using Cell = LabelledRange::Cell;
        const RowLabels labels = {{Cell::Solution, 0, 10, true}, {Cell::Solution, 4, 6, false}, {Cell::Solution, 6, 8, true},
                                  {Cell::Problem, 2, 2, true},   {Cell::End, 0, 0, true},       {Cell::End, 3, 9, false}};
        const RowLabels tidy = tidied(labels);
        QVERIFY(
            (tidy ==
             RowLabels{
                 {Cell::Solution, 0, 4, true}, {Cell::Solution, 4, 6, false}, {Cell::Solution, 6, 10, true}, {Cell::End, 0, 1, false}}));
        QVERIFY(tidied(tidy) == tidy);
    }

    void labels_by_hand_that_are_none_are_refused() {
        for (const char* text : {"3", R"([3])", R"([{"cell": "ghost"}])", R"([{"begin": -1, "end": 2}])", R"([{"begin": 5, "end": 2}])",
                                 R"([{"begin": 0, "end": 2, "labelled": 7}])"})
            QVERIFY2(!row_labels_from_json(*parse_json(text)), text);
    }

    void a_pattern_that_goes_back_and_forth_is_given_up() {
        TemplateSpec spec;
        spec.labels = LabelRule::Pattern;
        spec.label_pattern = "(a+)+$";
        const auto lost = encode_example(spec, *gpt2(), "x", std::string(60, 'a') + "b", 0);
        QVERIFY(!lost.has_value());
        QVERIFY(lost.error().message.find("takes too long") != std::string::npos);
        for (const char* wrong : {"(", "(*LIMIT_MATCH=9)a", ""}) {
            spec.label_pattern = wrong;
            QVERIFY2(!spec.validate().empty(), wrong);
        }
    }

    void a_pattern_steps_over_characters_of_any_width_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("labelled");
        const auto row = [](const char* name, const char* pattern, const char* labelled) {
            QTest::newRow(name) << QString::fromUtf8(pattern) << QString::fromUtf8(labelled);
        };
        row("one that also matches nothing", "\\d*", " 3 7");
        row("one beyond two, three and four bytes", "7", " 7");
        row("a whole character of four bytes", "\U0001F600", " \U0001F600");
        row("groups that overlap in a look-ahead", "(?=([\\d ]+f))", " 7 fine");
        row("a group before its match", "(?<=(Sol))ution", "Solution");
        row("up to the end", "fine$", " fine<|endoftext|>");
    }
    void a_pattern_steps_over_characters_of_any_width() {
        QFETCH(QString, pattern);
        QFETCH(QString, labelled);
        TemplateSpec spec;
        spec.labels = LabelRule::Pattern;
        spec.label_pattern = pattern.toStdString();
        const auto example = encode_example(spec, *gpt2(), "ask 3", "\u00e9\u20ac \U0001F600 7 fine", 0);
        QVERIFY2(example.has_value(), example ? "" : example.error().message.c_str());
        std::vector<std::int32_t> ids;
        for (std::size_t i = 0; i < example->labels.size(); ++i)
            if (example->labels[i] != ignore_index) ids.push_back(example->input_ids[i]);
        QCOMPARE(QString::fromStdString(gpt2()->decode(ids)), labelled);
    }

    void a_long_row_may_match_at_every_letter() {
        TemplateSpec spec;
        spec.labels = LabelRule::Pattern;
        spec.label_pattern = "[a-z]";
        std::string solution;
        while (solution.size() < 400'000) solution += "late lamp 7 ";
        const auto example = encode_example(spec, *gpt2(), "3", solution, 0);
        QVERIFY(example.has_value());
        std::size_t words = 0;
        for (std::size_t i = example->prompt_tokens; i < example->labels.size(); ++i) {
            const bool letters = gpt2()->bytes_of(example->input_ids[i]).find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos;
            QCOMPARE(example->labels[i] != ignore_index, letters && !(example->ended && i + 1 == example->labels.size()));
            if (letters) ++words;
        }
        QVERIFY(words > 60'000);
    }

    void a_view_has_what_is_cut_and_padded_and_its_shares() {
        TemplateSpec spec;
        const auto whole = *view_example(spec, *gpt2(), "ask 3", "give 12 of 7.", 0);
        const std::size_t length = whole.tokens.size();
        const auto cut = *view_example(spec, *gpt2(), "ask 3", "give 12 of 7.", length - 2);
        QCOMPARE(cut.tokens.size(), length);
        QCOMPARE(std::ranges::count(cut.tokens, true, &ExampleToken::truncated), std::ptrdiff_t{2});
        const auto padded = *view_example(spec, *gpt2(), "ask 3", "give 12 of 7.", 0, length + 3);
        QCOMPARE(padded.tokens.back().kind, TokenKind::Padding);
        QVERIFY(!padded.tokens.back().attended());
        ExampleShares shares;
        shares.add(cut);
        shares.add(padded);
        QCOMPARE(shares.rows, std::int64_t{2});
        QCOMPARE(shares.padding, std::int64_t{3});
        QCOMPARE(shares.truncated, std::int64_t{2});
        QCOMPARE(shares.fed(), static_cast<std::int64_t>(length - 2 + length + 3));
        for (const ExampleToken& token : whole.tokens)
            if (token.begin < token.end)
                QCOMPARE(std::string(gpt2()->bytes_of(token.id)), whole.text.substr(token.begin, token.end - token.begin));
    }

    void plain_text_is_the_solution_alone_ended_and_labelled() {
        const TemplateSpec spec = plain_text_template();
        QVERIFY(spec.validate().empty());
        const auto example = *encode_example(spec, *gpt2(), "", "Once upon a time.", 0);
        QCOMPARE(example.prompt_tokens, std::size_t{0});
        QCOMPARE(example.labelled_tokens(), example.input_ids.size());
        QCOMPARE(gpt2()->decode(example.input_ids), std::string("Once upon a time.<|endoftext|>"));
    }

    void braces_are_doubled_for_themselves_and_cells_are_not_templates() {
        TemplateSpec spec;
        spec.prompt = "{{{problem}}} {{solution}}";
        QVERIFY(spec.validate().empty());
        QCOMPARE(prompt_text(spec, "{solution}{{"), std::string("{{solution}{{} {solution}"));
        spec.prompt = "a { b {problem} }";
        QCOMPARE(prompt_text(spec, "x"), std::string("a { b x }"));
    }

    void a_wrong_template_is_told_in_full() {
        const auto messages = [](TemplateSpec spec) {
            QStringList list;
            for (const auto& error : spec.validate()) list << QString::fromStdString(error.message);
            return list.join(QLatin1Char('\n'));
        };
        TemplateSpec spec;
        spec.prompt = "{problem} {problem}";
        spec.completion = "{problem} {";
        spec.added_tokens = {"", "<a>", "<a>"};
        spec.end_token = "\xFF";
        const QString text = messages(spec);
        QVERIFY(text.contains(QStringLiteral("`prompt` must have {problem} exactly once, but has it 2 times.")));
        QVERIFY(text.contains(QStringLiteral("`completion` has the placeholder {problem}, but only {solution} may stand there.")));
        QVERIFY(text.contains(QStringLiteral("`completion` has a brace that is not paired.")));
        QVERIFY(text.contains(QStringLiteral("`completion` must have {solution} exactly once, but has it nowhere.")));
        QVERIFY(text.contains(QStringLiteral("`added_tokens[0]` is empty")));
        QVERIFY(text.contains(QStringLiteral("`added_tokens[2]` repeats")));
        QVERIFY(text.contains(QStringLiteral("`end_token` is not valid UTF-8.")));
        QCOMPARE(text.count(QLatin1Char('\n')), 6);
    }

    void the_hash_is_murmur3() {
        // Reference values of MurmurHash3_x64_128 by its author's code, seed 0.
        QVERIFY(content_hash("") == (ContentHash{0, 0}));
        QVERIFY(content_hash("hello") == (ContentHash{0xcbd8a7b341bd9b02ULL, 0x5b1e906a48ae1d19ULL}));
        QVERIFY(content_hash("The quick brown fox jumps over the lazy dog") == (ContentHash{0xe34bbc7bbc071b6cULL, 0x7a433ca9c49a9347ULL}));
    }

    void splits_have_their_shares_and_are_stable() {
        const SplitConfig config{0.1, 0.2, 42};
        int counts[3] = {0, 0, 0};
        for (int i = 0; i < 20'000; ++i) ++counts[static_cast<int>(split_of(config, "problem " + std::to_string(i)))];
        QVERIFY(std::abs(counts[1] - 2'000) < 150);
        QVERIFY(std::abs(counts[2] - 4'000) < 200);
        // More of a test share takes rows from training alone.
        const SplitConfig more{0.1, 0.4, 42};
        for (int i = 0; i < 2'000; ++i) {
            const std::string problem = "problem " + std::to_string(i);
            if (split_of(config, problem) != Split::Train) QVERIFY(split_of(more, problem) == split_of(config, problem));
        }
        int moved = 0;
        const SplitConfig reseeded{0.1, 0.2, 43};
        for (int i = 0; i < 2'000; ++i) moved += split_of(config, std::to_string(i)) != split_of(reseeded, std::to_string(i)) ? 1 : 0;
        QVERIFY(moved > 500);
    }

    void space_around_a_problem_does_not_move_it_and_blank_problems_go_by_solution() {
        const SplitConfig config{0.3, 0.3, 1};
        int kinds[3] = {0, 0, 0};
        for (int i = 0; i < 300; ++i) {
            const std::string text = std::to_string(i);
            QVERIFY(split_of(config, text) == split_of(config, " " + text + "\r\n"));
            QVERIFY(split_of(config, text, "whatever") == split_of(config, text));
            ++kinds[static_cast<int>(split_of(config, "", text))];
        }
        QVERIFY(kinds[0] > 60 && kinds[1] > 60 && kinds[2] > 60);
    }

    void a_wrong_split_is_refused() {
        QVERIFY((SplitConfig{0, 0, 1}.validate().empty()));
        QVERIFY((!SplitConfig{1.0, 0, 1}.validate().empty()));
        QVERIFY((!SplitConfig{-0.1, 0, 1}.validate().empty()));
        QVERIFY((!SplitConfig{0.5, 0.5, 1}.validate().empty()));
        const SplitConfig config{0.25, 0.125, 7};
        QVERIFY(*split_config_from_json(Json(config)) == config);
        QVERIFY(!split_config_from_json(Json{{"tset", 0.1}}));
    }
};

int run_template_tests(int argc, char** argv) {
    TestTemplate tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "test_template.moc"
