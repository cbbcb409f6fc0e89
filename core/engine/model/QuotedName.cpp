#include "core/engine/model/QuotedName.h"

#include <QString>
#include <QStringView>

namespace lossmith::engine {

std::string in_quotes(std::string_view name) {
    constexpr qsizetype longest = 100;
    const QString text = QString::fromUtf8(name.substr(0, 4 * longest).data(), static_cast<qsizetype>(name.substr(0, 4 * longest).size()));
    std::string quoted = "\"" + text.left(longest).toStdString();
    if (text.size() > longest) quoted += "…";
    return quoted + "\"";
}

}  // namespace lossmith::engine
