#include "ui/generation/StopStrings.h"

#include <QStringList>

namespace lossmith::ui {

namespace {

QString escaped(const QString& text) {
    QString result;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        const bool at_end = i == 0 || i + 1 == text.size();
        if (c == QLatin1Char('\n'))
            result += QStringLiteral("\\n");
        else if (c == QLatin1Char('\t'))
            result += QStringLiteral("\\t");
        else if (c == QLatin1Char('\\') || c == QLatin1Char('|'))
            result += QLatin1Char('\\') + QString(c);
        else if (c == QLatin1Char(' ') && at_end)
            result += QStringLiteral("\\s");
        else
            result += c;
    }
    return result;
}

QString unescaped(const QString& text) {
    QString result;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] != QLatin1Char('\\') || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        const QChar c = text[++i];
        result += c == QLatin1Char('n')   ? QLatin1Char('\n')
                  : c == QLatin1Char('t') ? QLatin1Char('\t')
                  : c == QLatin1Char('s') ? QLatin1Char(' ')
                                          : c;
    }
    return result;
}

}  // namespace

QString shown_stop_strings(const std::vector<std::string>& strings) {
    QStringList parts;
    for (const std::string& text : strings) parts += escaped(QString::fromStdString(text));
    return parts.join(QStringLiteral(" | "));
}

std::vector<std::string> typed_stop_strings(const QString& line) {
    std::vector<std::string> strings;
    QString part;
    const auto finish = [&] {
        const QString text = unescaped(part.trimmed());
        if (!text.isEmpty()) strings.push_back(text.toStdString());
        part.clear();
    };
    for (qsizetype i = 0; i < line.size(); ++i) {
        if (line[i] == QLatin1Char('\\') && i + 1 < line.size()) {
            part += line[i];
            part += line[++i];
        } else if (line[i] == QLatin1Char('|')) {
            finish();
        } else {
            part += line[i];
        }
    }
    finish();
    return strings;
}

}  // namespace lossmith::ui
