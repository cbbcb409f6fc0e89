#include "ui/generation/CheckpointPicker.h"

#include <QEvent>
#include <QPainter>
#include <QSignalBlocker>

namespace lossmith::ui {

namespace {

QPixmap mark(Role side, qreal ratio) {
    constexpr int size = 12;
    QPixmap pixmap(QSize(size, size) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::colour(side));
    painter.drawRoundedRect(QRectF(1, 1, size - 2, size - 2), 2, 2);
    return pixmap;
}

}  // namespace

CheckpointPicker::CheckpointPicker(Role side, QWidget* parent) : ElidedComboBox(Qt::ElideRight, parent), m_side(side) {
    setAccessibleName(side == Role::Base ? tr("Base model") : tr("Tuned model"));
    const auto tell_all = [this] {
        const QString what = m_side == Role::Base ? tr("The model before") : tr("The model after");
        setToolTip(currentText().isEmpty() ? what : what + QStringLiteral(": ") + currentText());
    };
    connect(this, &QComboBox::currentTextChanged, this, tell_all);
    tell_all();
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(8);
}

int CheckpointPicker::usual_index(const std::optional<ModelChoice>& base_of) const {
    int first_start = -1;
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        const bool from_run = m_choices[i].run != 0;
        if (m_side == Role::Tuned && from_run) return static_cast<int>(i);
        if (m_side == Role::Base && base_of && !base_of->base.empty() && m_choices[i].model == base_of->base) return static_cast<int>(i);
        if (!from_run && first_start < 0) first_start = static_cast<int>(i);
    }
    return first_start;
}

void CheckpointPicker::set_choices(const std::vector<ModelChoice>& choices, const std::optional<ModelChoice>& base_of) {
    if (choices == m_choices) return;
    const auto before = choice();
    {
        const QSignalBlocker quiet(this);
        m_choices = choices;
        clear();
        for (const ModelChoice& each : m_choices) addItem(QString::fromStdString(each.label));
        draw_marks();
        setCurrentIndex(usual_index(base_of));
        if (before) choose(before->model);
    }
    Q_EMIT currentTextChanged(currentText());
    if (choice() != before) Q_EMIT currentIndexChanged(currentIndex());
}

std::optional<ModelChoice> CheckpointPicker::choice() const {
    const int index = currentIndex();
    if (index < 0 || index >= static_cast<int>(m_choices.size())) return std::nullopt;
    return m_choices[static_cast<std::size_t>(index)];
}

void CheckpointPicker::choose(const std::string& model) {
    for (std::size_t i = 0; i < m_choices.size(); ++i)
        if (m_choices[i].model == model) setCurrentIndex(static_cast<int>(i));
}

void CheckpointPicker::draw_marks() {
    const QIcon icon(mark(m_side, devicePixelRatioF()));
    for (int i = 0; i < count(); ++i) setItemIcon(i, icon);
}

void CheckpointPicker::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) draw_marks();
    ElidedComboBox::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_CheckpointPicker.cpp"
