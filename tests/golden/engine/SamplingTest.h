#pragma once
#include <QObject>

class SamplingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void each_filter_leaves_the_probabilities_of_transformers_data();
    void each_filter_leaves_the_probabilities_of_transformers();
    void draws_follow_the_probabilities();
};
