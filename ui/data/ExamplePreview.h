// The first rows as the model reads them: labelled tokens marked, special tokens boxed, cut ones struck out.
#pragma once

#include <QTextEdit>
#include <vector>

#include "ui/data/ExampleText.h"

namespace lossmith::ui {

class ExamplePreview : public QTextEdit {
    Q_OBJECT

public:
    explicit ExamplePreview(QWidget* parent = nullptr);

    void show_examples(std::vector<ExampleText> examples);

protected:
    void changeEvent(QEvent* event) override;

private:
    void draw();

    std::vector<ExampleText> m_examples;
};

}  // namespace lossmith::ui
