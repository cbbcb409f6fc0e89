// The devices a run may compute on, as cards to tick.
#include "ui/train/DevicePicker.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QThread>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/train/DeviceCard.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {
namespace {

QString text_in(const Json& device, const char* name) {
    return QString::fromStdString(string_or_empty(device, name));
}

QString below_text(const Json& device) {
    QStringList parts;
    const double memory = number_or_zero(device, "memory_bytes");
    const double free = number_or_zero(device, "free_bytes");
    if (memory > 0) {
        parts.append(DevicePicker::tr("%1 of %2 free")
                         .arg(bytes_text(static_cast<std::int64_t>(free)), bytes_text(static_cast<std::int64_t>(memory))));
    }
    if (device.contains("load") && device["load"].is_number())
        parts.append(DevicePicker::tr("%1 busy").arg(share_text(number_or_zero(device, "load"))));
    const QString driver = text_in(device, "driver");
    if (!driver.isEmpty()) parts.append(driver);
    return parts.join(QStringLiteral(" · "));
}

}  // namespace

DevicePicker::DevicePicker(QWidget* parent)
    : QWidget(parent), m_cards(new QVBoxLayout), m_thread_row(new QWidget), m_threads(new QSpinBox), m_note(new MutedLabel) {
    m_cards->setSpacing(8);
    m_threads->setObjectName(QStringLiteral("threads"));
    m_threads->setRange(0, 4096);
    m_threads->setSpecialValueText(tr("one for each core"));
    m_threads->setAccessibleName(tr("Processor threads"));
    m_threads->setToolTip(tr("How many processor threads the run takes; fewer leave room for other work."));
    auto* label = new QLabel(tr("Threads"));
    label->setBuddy(m_threads);
    auto* row = new QHBoxLayout(m_thread_row);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(label);
    row->addStretch();
    row->addWidget(m_threads);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(m_cards);
    layout->addWidget(m_thread_row);
    layout->addWidget(m_note);
    connect(m_threads, &QSpinBox::valueChanged, this, &DevicePicker::changed);
    rebuild(Json::array({{{"id", "cpu"}, {"kind", "cpu"}, {"cores", QThread::idealThreadCount()}}}));
    set_error(tr("Asking the engine what this machine has…"));
    m_note->set_role(Role::Muted);
}

void DevicePicker::set_devices(const Result<Json>& answer) {
    set_error({});
    if (!answer) {
        set_error(tr("The engine could not say what devices there are: %1").arg(QString::fromStdString(answer.error().message)));
    } else if (answer->is_array()) {
        rebuild(*answer);
    }
}

void DevicePicker::rebuild(const Json& devices) {
    for (DeviceCard* card : m_shown) card->deleteLater();
    m_shown.clear();
    int graphics = 0;
    for (const Json& device : devices) {
        const QString id = text_in(device, "id");
        if (id.isEmpty()) continue;
        const int cores = static_cast<int>(number_or_zero(device, "cores"));
        QString name = text_in(device, "name");
        if (cores > 0) name += (name.isEmpty() ? QString() : QStringLiteral(", ")) + counted(cores, tr("1 core"), tr("%1 cores"));
        const bool processor = text_in(device, "kind") == QStringLiteral("cpu");
        add_card(id, processor ? tr("CPU") : tr("GPU %1").arg(graphics++), name, below_text(device));
    }
    if (graphics == 0) add_card({}, tr("GPU"), tr("not found"), tr("No graphics card that this build of LibTorch can use."));
    set_chosen(m_wanted, threads());
}

void DevicePicker::add_card(const QString& id, const QString& kind, const QString& name, const QString& below) {
    auto* card = new DeviceCard(id, kind, name, below, this);
    m_cards->addWidget(card);
    m_shown.push_back(card);
    connect(card, &DeviceCard::ticked, this, [this, card](bool on) {
        if (on) untick_others_than(*card);
        m_wanted = chosen();
        Q_EMIT changed();
    });
}

void DevicePicker::untick_others_than(const DeviceCard& ticked) {
    const auto is_other = [processor = ticked.id() == QStringLiteral("cpu")](const std::string& id) { return (id == "cpu") != processor; };
    for (DeviceCard* card : m_shown) {
        if (!card->is_ticked() || !is_other(card->id().toStdString())) continue;
        const QSignalBlocker quiet(card);
        card->set_ticked(false);
    }
    std::erase_if(m_wanted, is_other);  // those that this machine lacks
}

void DevicePicker::set_chosen(const std::vector<std::string>& devices, int threads) {
    m_wanted = devices;
    for (DeviceCard* card : m_shown) {
        const QSignalBlocker quiet(card);
        card->set_ticked(std::ranges::find(devices, card->id().toStdString()) != devices.end());
        card->set_usable(!card->id().isEmpty() && !m_read_only);
    }
    const QSignalBlocker quiet(m_threads);
    m_threads->setValue(threads);
}

std::vector<std::string> DevicePicker::chosen() const {
    std::vector<std::string> devices;
    for (const DeviceCard* card : m_shown) {
        if (card->is_ticked()) devices.push_back(card->id().toStdString());
    }
    // A device that this machine lacks stays chosen when the config names it, so that the run says what is missing.
    for (const std::string& wanted : m_wanted) {
        const bool shown = std::ranges::any_of(m_shown, [&](const DeviceCard* card) { return card->id().toStdString() == wanted; });
        if (!shown) devices.push_back(wanted);
    }
    return devices;
}

int DevicePicker::threads() const {
    return m_threads->value();
}

void DevicePicker::set_read_only(bool read_only) {
    m_read_only = read_only;
    m_threads->setEnabled(!read_only);
    set_chosen(m_wanted, threads());
}

void DevicePicker::set_error(const QString& sentence) {
    m_note->set_role(Role::Bad);
    m_note->setText(sentence);
    m_note->setVisible(!sentence.isEmpty());
}

}  // namespace lossmith::ui

#include "moc_DevicePicker.cpp"
