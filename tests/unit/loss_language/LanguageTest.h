#pragma once

#include <QObject>

/// What the language refuses, and where; what a caller sees.
class LanguageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void what_is_not_in_the_language_is_refused_with_its_place_data();
    void what_is_not_in_the_language_is_refused_with_its_place();
    void a_function_is_described_as_written();
    void the_observer_sees_operators_and_statements();
    void nothing_changes_when_nobody_looks();
    void print_goes_to_the_observer();
    void a_host_function_is_called_by_name();
    void a_misspelt_name_is_answered_with_the_nearest();
    void an_own_gradient_that_fails_says_so_from_backward();
    void an_own_gradient_may_use_what_it_closes_over();
    void a_closure_is_freed_after_the_call();
    void no_grad_ends_when_a_fault_unwinds();
    void a_cancelled_loss_says_cancelled();
    void a_loss_of_twenty_lines_costs_little();
};
