// Takes the pictures one after the other, each when its page is ready.
#include "ui/shell/Screenshots.h"

#include <QDir>
#include <QPixmap>
#include <QTimer>

#include "core/protocol/EngineClient.h"
#include "ui/shell/MainWindow.h"
#include "ui/widgets/Page.h"

namespace lossmith::ui {

namespace {
constexpr int look_milliseconds = 40;
constexpr int calm_looks = 4;
constexpr qint64 patience_milliseconds = 30'000;
}  // namespace

Screenshots::Screenshots(MainWindow& window, Theme& theme, QString folder, QObject* parent)
    : QObject(parent), m_window(window), m_theme(theme), m_folder(std::move(folder)) {
    for (const Appearance appearance : {Appearance::Light, Appearance::Dark})
        for (const PageEntry& entry : window.pages()) m_shots.push_back({entry.name, appearance});
}

void Screenshots::start() {
    if (!QDir().mkpath(m_folder)) {
        Q_EMIT finished(tr("The folder %1 cannot be made.").arg(m_folder));
        return;
    }
    m_window.resize(1440, 900);
    next();
}

void Screenshots::next() {
    if (m_at == m_shots.size()) {
        Q_EMIT finished({});
        return;
    }
    m_theme.preview_appearance(m_shots[m_at].appearance);
    m_window.show_page(m_shots[m_at].page);
    m_calm_looks = 0;
    m_shown_since.start();
    look();
}

/// A page that is ready may learn at once that there is more to read, and what has been read is laid out a turn later: it must have been
/// ready for some looks. One that never gets ready, since something cannot be read, is pictured as it is.
void Screenshots::look() {
    const bool ready = m_window.page(m_shots[m_at].page)->is_ready() && m_window.engine().state() != EngineClient::State::Starting;
    m_calm_looks = ready ? m_calm_looks + 1 : 0;
    if (m_calm_looks >= calm_looks || m_shown_since.hasExpired(patience_milliseconds)) return take();
    QTimer::singleShot(look_milliseconds, this, &Screenshots::look);
}

void Screenshots::take() {
    const Shot& shot = m_shots[m_at];
    const QString path = QStringLiteral("%1/%2-%3.png").arg(m_folder, shot.page, QLatin1String(name_of(shot.appearance)));
    if (!m_window.grab().save(path)) {
        Q_EMIT finished(tr("%1 cannot be written.").arg(path));
        return;
    }
    ++m_at;
    next();
}

}  // namespace lossmith::ui

#include "moc_Screenshots.cpp"
