// The devices a run may compute on, as cards to tick, and how many processor threads it takes.
#pragma once

#include <QString>
#include <QWidget>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

class QSpinBox;
class QVBoxLayout;

namespace lossmith::ui {

class DeviceCard;
class MutedLabel;

/// Until the engine has answered there is just the processor, which every machine has. A run computes on the processor or on cards, so
/// ticking the one unticks the other.
class DevicePicker : public QWidget {
    Q_OBJECT

public:
    explicit DevicePicker(QWidget* parent = nullptr);

    /// The engine's answer to "devices".
    void set_devices(const Result<Json>& answer);
    void set_chosen(const std::vector<std::string>& devices, int threads);
    [[nodiscard]] std::vector<std::string> chosen() const;
    [[nodiscard]] int threads() const;
    /// A run under way keeps its devices.
    void set_read_only(bool read_only);
    void set_error(const QString& sentence);

Q_SIGNALS:
    void changed();

private:
    void add_card(const QString& id, const QString& kind, const QString& name, const QString& below);
    void rebuild(const Json& devices);
    void untick_others_than(const DeviceCard& ticked);

    QVBoxLayout* m_cards;
    std::vector<DeviceCard*> m_shown;
    QWidget* m_thread_row;
    QSpinBox* m_threads;
    MutedLabel* m_note;
    std::vector<std::string> m_wanted = {"cpu"};
    bool m_read_only = false;
};

}  // namespace lossmith::ui
