#pragma once

#include <QObject>

/// Each budget ends the evaluation with its kind and its line, and hostile text never crashes.
class BudgetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void what_takes_too_much_is_stopped_data();
    void what_takes_too_much_is_stopped();
    void memory_that_is_freed_counts_no_longer();
    void a_million_characters_on_a_line_are_refused();
    void deep_nesting_is_refused_data();
    void deep_nesting_is_refused();
    void a_chain_of_containers_ends_quietly();
    void seconds_end_a_loop_of_tensors();
};
