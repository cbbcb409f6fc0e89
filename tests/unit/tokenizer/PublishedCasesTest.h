#pragma once

#include <QObject>

#include "tests/unit/tokenizer/TokenizerFixture.h"

/// Ids that other implementations published for texts chosen to be hard.
class PublishedCasesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void three_thousand_texts_have_the_ids_of_openais_encoder();
    void texts_published_elsewhere_have_their_ids();
    void byte_order_marks_and_rare_spaces_have_the_ids_of_openais_encoder();
    void every_case_decodes_to_its_text();
    void every_cases_offsets_cut_the_text_where_its_tokens_meet();
    void a_text_split_in_any_class_of_character_has_the_pieces_of_the_expression_data();
    void a_text_split_in_any_class_of_character_has_the_pieces_of_the_expression();
    void the_tables_have_as_many_letters_numbers_and_spaces_as_unicode_16();

private:
    lossmith::test::TokenizerPointer m_tokenizer;
    std::vector<lossmith::Json> m_cases;
};
