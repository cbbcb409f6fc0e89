// The panel beside Tokens: everything of the token that is selected, and what the marks mean.
#pragma once

#include <QWidget>

#include "ui/tokens/TokenView.h"

namespace lossmith::ui {

class FactList;
class MutedLabel;

class TokensInspector : public QWidget {
    Q_OBJECT

public:
    explicit TokensInspector(QWidget* parent = nullptr);

    /// `token`: counted over all of the view's sections; -1: none is selected.
    void show_token(const TokenView& view, int token, const Tokenizer* tokenizer);
    [[nodiscard]] FactList* facts() const { return m_facts; }

private:
    FactList* m_facts;
    FactList* m_example;
    MutedLabel* m_hint;
};

}  // namespace lossmith::ui
