#pragma once

#include <QObject>

/// config.json to Gpt2Config and back.
class Gpt2ConfigTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void the_golden_config_is_read_field_by_field();
    void absent_fields_have_the_defaults_of_transformers();
    void keys_of_no_meaning_here_are_written_back();
    void what_is_written_is_read_as_the_same();
    void token_ids_outside_the_vocabulary_are_absent();
    void the_first_of_several_end_tokens_is_taken();
    void parameters_are_counted_as_gpt2_has_them();
    void what_is_wrong_is_said_data();
    void what_is_wrong_is_said();
    void everything_wrong_is_said_at_once();
};
