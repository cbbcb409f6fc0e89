// Long work on one line.
#include "ui/widgets/ProgressStrip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {
constexpr int bar_steps = 1000;
constexpr double clock_is_telling_seconds = 1.0;
}  // namespace

ProgressStrip::ProgressStrip(QWidget* parent)
    : QWidget(parent), m_what(new QLabel), m_bar(new QProgressBar), m_detail(new QLabel), m_stop(new QPushButton(tr("Stop"))) {
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(180);
    m_detail->setForegroundRole(QPalette::PlaceholderText);
    m_stop->setIcon(icon(QStringLiteral("media-playback-stop")));
    m_stop->setToolTip(tr("Stop this work"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    layout->addWidget(m_what);
    layout->addWidget(m_bar, 0, Qt::AlignVCenter);
    layout->addWidget(m_detail, 1);
    layout->addWidget(m_stop);
    hide();
    connect(m_stop, &QPushButton::clicked, this, [this] {
        m_stop->setEnabled(false);
        m_detail->setText(tr("stopping…"));
        Q_EMIT stop_wanted();
    });
}

void ProgressStrip::start(const QString& what) {
    m_what->setText(what);
    m_bar->setAccessibleName(what);
    m_bar->setRange(0, 0);
    m_detail->clear();
    m_stop->setEnabled(true);
    m_clock.start();
    show();
}

void ProgressStrip::set_progress(const Progress& progress) {
    if (!m_stop->isEnabled()) return;
    if (progress.total <= 0) {
        m_bar->setRange(0, 0);
        return;
    }
    const double share = std::clamp(static_cast<double>(progress.done) / static_cast<double>(progress.total), 0.0, 1.0);
    m_bar->setRange(0, bar_steps);
    m_bar->setValue(static_cast<int>(share * bar_steps));
    const double elapsed = static_cast<double>(m_clock.elapsed()) / 1000.0;
    QString detail = share_text(share);
    if (share > 0.0 && elapsed > clock_is_telling_seconds)
        detail = tr("%1 · %2 left").arg(detail, duration_text(elapsed * (1.0 - share) / share));
    m_detail->setText(detail);
}

void ProgressStrip::set_detail(const QString& detail) {
    if (m_stop->isEnabled()) m_detail->setText(detail);
}

void ProgressStrip::set_time_left(double seconds) {
    set_detail(tr("%1 left").arg(duration_text(seconds)));
}

void ProgressStrip::finish() {
    m_bar->setRange(0, bar_steps);
    hide();
}

}  // namespace lossmith::ui

#include "moc_ProgressStrip.cpp"
