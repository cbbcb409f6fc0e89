// Which typed losses this user has read and accepted.
#include "ui/widgets/AcceptedLosses.h"

#include <QSettings>
#include <QStringList>

#include "core/base/Files.h"

namespace lossmith::ui {

namespace {

constexpr qsizetype most_accepted_losses = 1000;

QString accepted_losses_key() {
    return QStringLiteral("loss/accepted");
}

QString digest_of_loss(const std::string& source) {
    return QString::fromStdString(sha256_of(source));
}

}  // namespace

bool AcceptedLosses::contains(const std::string& source) const {
    return QSettings().value(accepted_losses_key()).toStringList().contains(digest_of_loss(source));
}

std::optional<LossSpec> AcceptedLosses::unread(const RunConfig& config) const {
    const auto is_unread = [this](const std::string& source) { return !source.empty() && !contains(source); };
    if (is_unread(config.loss.source)) return config.loss;
    if (config.reward && is_unread(config.reward->source)) return as_loss(*config.reward);
    return std::nullopt;
}

void AcceptedLosses::accept(const std::string& source) {
    QSettings settings;
    QStringList digests = settings.value(accepted_losses_key()).toStringList();
    const QString digest = digest_of_loss(source);
    digests.removeAll(digest);
    digests.append(digest);
    if (digests.size() > most_accepted_losses) digests.remove(0, digests.size() - most_accepted_losses);
    settings.setValue(accepted_losses_key(), digests);
}

}  // namespace lossmith::ui
