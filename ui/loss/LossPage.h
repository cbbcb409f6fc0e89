// The page Loss: a catalogue and an editor; as one types, what each line holds and whether gradient flows through it.
#pragma once

#include <QPointer>
#include <QTimer>
#include <optional>
#include <vector>

#include "core/config/LossSpec.h"
#include "core/project/LossStore.h"
#include "ui/generation/ModelChoice.h"
#include "ui/loss/LossChecker.h"
#include "ui/loss/LossReport.h"
#include "ui/widgets/AcceptedLosses.h"
#include "ui/widgets/Page.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QSplitter;

namespace lossmith::ui {

class CataloguePopup;
class CheckpointPicker;
class ErrorBanner;
class HeatCard;
class LossChips;
class LossEditor;
class LossInspector;
class MutedLabel;
class NoticeBar;
class VerdictCard;

class LossPage : public Page {
    Q_OBJECT

public:
    explicit LossPage(EngineClient& engine, QWidget* parent = nullptr);
    ~LossPage() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("loss"); }
    [[nodiscard]] QString title() const override { return tr("Loss"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("formula"); }
    [[nodiscard]] QWidget* inspector() override;
    /// Without a project the page works on the shipped sample, and one's own losses last as long as the window.
    void set_project(ProjectSession* session) override;
    [[nodiscard]] bool is_ready() const override;

    /// Opens the loss of this name: one's own, or the catalogue's; a typed one that only a run holds is put among one's own, to be read.
    void show_loss(const LossSpec& spec);
    void open_own(std::int64_t loss);
    void open_entry(const QString& name);

    void new_loss();
    void put_together();
    void make_mine();
    void accept();
    void use_in_a_run();
    void check_now();

    [[nodiscard]] LossEditor* editor() const { return m_editor; }
    [[nodiscard]] VerdictCard* verdict() const { return m_verdict; }
    [[nodiscard]] HeatCard* heat() const { return m_heat; }
    [[nodiscard]] LossChips* chips() const { return m_chips; }
    [[nodiscard]] CataloguePopup* catalogue() const { return m_popup; }
    [[nodiscard]] const std::vector<StoredLoss>& own_losses() const { return m_own; }
    /// As a run would take the loss on show.
    [[nodiscard]] LossSpec spec() const;

Q_SIGNALS:
    /// A run is to be made with this loss; the page Train is asked for before.
    void use_wanted(const lossmith::LossSpec& spec);
    void checked();  ///< a report is on show

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    /// What is in the editor.
    struct Open {
        std::int64_t own = 0;  ///< below 0: not in a project
        QString entry;         ///< of the catalogue, where it is none of one's own
        Json parameters = Json::object();
        std::string labels = "aligned";
        bool accepted = true;
    };

    void lay_out();
    QWidget* make_header();
    QWidget* make_editor_card();
    void make_actions();
    void connect_parts();

    void read_catalogue();
    void read_losses();
    void take_losses(std::vector<StoredLoss> stored);
    void open_first();
    void open(Open opened, const QString& source);
    void show_chips();
    void show_notice();
    void show_use();
    void choose(const QString& key);

    void edited();
    void parameters_changed(const Json& parameters);
    void labels_chosen();
    void save_now();
    void save_new(StoredLoss loss);
    void add_own(StoredLoss loss, bool rename);
    void rename_own(std::int64_t loss, const QString& name);
    void remove_own(std::int64_t loss);
    void duplicate_own(std::int64_t loss);
    void bring_back();

    void ask();
    [[nodiscard]] LossQuestion question() const;
    void take_report(const LossReport& report);
    void take_failure(const Error& error);
    [[nodiscard]] std::vector<LossParameter> known_parameters() const;

    [[nodiscard]] StoredLoss* own(std::int64_t loss);
    [[nodiscard]] const StoredLoss* own(std::int64_t loss) const;
    [[nodiscard]] const CatalogueEntry* entry(const QString& name) const;
    [[nodiscard]] QString key_of_open() const;
    [[nodiscard]] std::string free_name(const std::string& wanted) const;
    [[nodiscard]] QString reason_not_to_use() const;

    EngineClient& m_engine;
    QPointer<ProjectSession> m_session;
    LossChecker* m_checker;
    AcceptedLosses m_accepted;
    QTimer m_save_timer;

    std::vector<StoredLoss> m_own;
    std::vector<CatalogueEntry> m_catalogue;
    Open m_open;
    std::optional<LossReport> m_report;
    std::optional<StoredLoss> m_removed;
    std::optional<LossSpec> m_wanted;  ///< to be shown once all losses are known
    std::int64_t m_next_unsaved = -1;
    int m_saving = 0;
    bool m_unsaved = false;
    bool m_adding = false;
    bool m_knows_losses = false;
    bool m_knows_catalogue = false;
    bool m_asked_for_catalogue = false;
    bool m_is_open = false;
    bool m_reading = false;

    LossChips* m_chips = nullptr;
    CataloguePopup* m_popup = nullptr;
    QPushButton* m_insert = nullptr;
    QPushButton* m_use = nullptr;
    ErrorBanner* m_error = nullptr;
    NoticeBar* m_notice = nullptr;
    NoticeBar* m_undo_removal = nullptr;
    QSplitter* m_splitter = nullptr;
    LossEditor* m_editor = nullptr;
    CheckpointPicker* m_model = nullptr;
    QSpinBox* m_first_row = nullptr;
    QComboBox* m_labels = nullptr;
    MutedLabel* m_saved = nullptr;
    VerdictCard* m_verdict = nullptr;
    HeatCard* m_heat = nullptr;
    QPointer<LossInspector> m_inspector;
};

}  // namespace lossmith::ui
