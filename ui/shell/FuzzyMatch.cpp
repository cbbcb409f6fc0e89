// Subsequence match, tried from every place where the first letter occurs.
#include "ui/shell/FuzzyMatch.h"

#include <algorithm>

namespace lossmith::ui {

namespace {

bool starts_word(QStringView title, qsizetype at) {
    return at == 0 || !title[at - 1].isLetterOrNumber();
}

std::optional<int> score_from(QStringView typed, QStringView title, qsizetype start) {
    int score = 0;
    qsizetype at = start;
    qsizetype previous = -2;
    for (const QChar letter : typed) {
        if (letter.isSpace()) continue;
        while (at < title.size() && title[at].toCaseFolded() != letter.toCaseFolded()) ++at;
        if (at == title.size()) return std::nullopt;
        score += 1 + (at == previous + 1 ? 4 : 0) + (starts_word(title, at) ? 3 : 0);
        previous = at++;
    }
    return score - static_cast<int>(std::min<qsizetype>(start, 10)) / 2;
}

}  // namespace

std::optional<int> fuzzy_score(QStringView typed, QStringView title) {
    typed = typed.trimmed();
    if (typed.isEmpty()) return 0;
    std::optional<int> best;
    for (qsizetype start = 0; start < title.size(); ++start) {
        if (title[start].toCaseFolded() != typed.front().toCaseFolded()) continue;
        if (const auto score = score_from(typed, title, start)) best = std::max(best.value_or(*score), *score);
    }
    return best;
}

}  // namespace lossmith::ui
