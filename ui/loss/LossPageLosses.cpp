// The page Loss: which losses there are, which is open, and keeping one's own.
#include <QComboBox>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>

#include "core/config/RewardSpec.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/protocol/EngineClient.h"
#include "ui/generation/CheckpointPicker.h"
#include "ui/loss/CataloguePopup.h"
#include "ui/loss/HeatMap.h"
#include "ui/loss/LossChips.h"
#include "ui/loss/LossEditor.h"
#include "ui/loss/LossInspector.h"
#include "ui/loss/LossPage.h"
#include "ui/loss/LossWords.h"
#include "ui/loss/NoticeBar.h"
#include "ui/loss/ParameterForm.h"
#include "ui/loss/SumDialog.h"
#include "ui/loss/VerdictCard.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

/// Read from the project at once.
struct LossesOfAProject {
    std::vector<StoredLoss> losses;
    std::vector<ModelChoice> models;
    std::int64_t rows = 0;
};

Result<LossesOfAProject> read_losses_of(Project& project) {
    LossesOfAProject read;
    read.losses = LOSSMITH_TRY(project.losses().losses());
    read.models = LOSSMITH_TRY(model_choices(project));
    read.rows = LOSSMITH_TRY(project.data().count(Split::Train));
    return read;
}

QString last_loss_key() {
    return QStringLiteral("loss/last");
}

QString key_of_own(std::int64_t loss) {
    return QStringLiteral("own/%1").arg(loss);
}

QString key_of_entry(const QString& name) {
    return QStringLiteral("catalogue/") + name;
}

}  // namespace

StoredLoss* LossPage::own(std::int64_t loss) {
    const auto found = std::ranges::find(m_own, loss, &StoredLoss::id);
    return loss == 0 || found == m_own.end() ? nullptr : &*found;
}

const StoredLoss* LossPage::own(std::int64_t loss) const {
    const auto found = std::ranges::find(m_own, loss, &StoredLoss::id);
    return loss == 0 || found == m_own.end() ? nullptr : &*found;
}

const CatalogueEntry* LossPage::entry(const QString& name) const {
    const auto found = std::ranges::find(m_catalogue, name, &CatalogueEntry::name);
    return found == m_catalogue.end() ? nullptr : &*found;
}

QString LossPage::key_of_open() const {
    return m_open.own != 0 ? key_of_own(m_open.own) : key_of_entry(m_open.entry);
}

std::string LossPage::free_name(const std::string& wanted) const {
    std::string name = wanted;
    for (int number = 2; std::ranges::find(m_own, name, &StoredLoss::name) != m_own.end(); ++number)
        name = wanted + " " + std::to_string(number);
    return name;
}

void LossPage::set_project(ProjectSession* session) {
    save_now();
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_checker->forget();
    m_error->clear();
    m_undo_removal->hide();
    m_removed.reset();
    m_wanted.reset();
    m_report.reset();
    m_unsaved = false;
    m_saving = 0;
    m_adding = false;
    m_reading = false;
    m_knows_losses = false;
    m_is_open = false;
    std::erase_if(m_own, [](const StoredLoss& loss) { return loss.id > 0; });
    m_heat->clear();
    if (m_inspector) m_inspector->clear_report();
    m_model->set_choices({{"starter", "starter", {}, 0, {}, {}}});
    if (session) {
        connect(session, &ProjectSession::changed, this, &LossPage::read_losses);
        read_losses();
    }
    if (!m_asked_for_catalogue || m_catalogue.empty()) read_catalogue();
    open_first();
    show_use();
}

void LossPage::read_catalogue() {
    m_asked_for_catalogue = true;
    m_engine.request(QStringLiteral("loss/catalogue"), Json::object(), this, [this](const Result<Json>& answer) {
        m_knows_catalogue = true;
        if (answer)
            m_catalogue = catalogue_from_json(*answer);
        else if (answer.error().kind != ErrorKind::Cancelled)
            m_error->show_error(answer.error(), tr("Try again"));
        m_popup->set_entries(m_catalogue);
        open_first();
        show_chips();
        tell_if_ready();
    });
}

void LossPage::read_losses() {
    if (!m_session || m_reading) return;
    m_reading = true;
    m_session->ask(this, read_losses_of, [this, asked = m_session](Result<LossesOfAProject> read) {
        if (asked != m_session) return;
        m_reading = false;
        if (!read) return m_error->show_error(read.error());
        m_model->set_choices(read->models);
        m_first_row->setMaximum(static_cast<int>(std::clamp<std::int64_t>(read->rows, 1, 1'000'000)));
        take_losses(std::move(read->losses));
    });
}

/// What is typed here and not written yet is newer than what was read.
void LossPage::take_losses(std::vector<StoredLoss> stored) {
    const bool first = !std::exchange(m_knows_losses, true);
    const bool writing = m_unsaved || m_saving > 0;
    for (const StoredLoss& loss : m_own)
        if (loss.id < 0) stored.push_back(loss);
    if (const StoredLoss* mine = own(m_open.own); mine != nullptr && writing) {
        const auto read = std::ranges::find(stored, mine->id, &StoredLoss::id);
        if (read != stored.end()) *read = *mine;
    }
    m_own = std::move(stored);
    if (first) {
        open_first();
    } else if (m_open.own > 0 && m_is_open && !writing) {
        const StoredLoss* mine = own(m_open.own);
        if (mine == nullptr) {
            m_is_open = false;
            open_first();
        } else if (mine->source != m_editor->text().toStdString() || mine->labels != m_open.labels ||
                   mine->parameters != m_open.parameters) {
            open_own(mine->id);
        }
    }
    show_chips();
    tell_if_ready();
}

/// What was open last, else the first of one's own, else the catalogue's first, else a few lines to begin with.
void LossPage::open_first() {
    if (m_session && !m_knows_losses) return;
    if (m_wanted && m_knows_catalogue) return show_loss(*std::exchange(m_wanted, std::nullopt));
    if (m_is_open) return;
    const QString last = QSettings().value(last_loss_key()).toString();
    for (const StoredLoss& loss : m_own)
        if (QString::fromStdString(loss.name) == last) return open_own(loss.id);
    if (!m_own.empty()) return open_own(m_own.front().id);
    if (!m_knows_catalogue) return;
    if (entry(last) != nullptr) return open_entry(last);
    if (!m_catalogue.empty()) return open_entry(m_catalogue.front().name);
    StoredLoss mine;
    mine.id = m_next_unsaved--;
    mine.name = free_name(tr("my first loss").toStdString());
    mine.source = new_loss_source().toStdString();
    m_accepted.accept(mine.source);
    m_own.push_back(mine);
    open_own(mine.id);
}

void LossPage::choose(const QString& key) {
    const QString prefix = QStringLiteral("own/");
    if (key.startsWith(prefix))
        open_own(key.mid(prefix.size()).toLongLong());
    else
        open_entry(key.section(QLatin1Char('/'), 1));
}

void LossPage::show_loss(const LossSpec& spec) {
    if ((m_session && !m_knows_losses) || !m_knows_catalogue) {
        m_wanted = spec;
        return;
    }
    if (spec.source.empty()) return open_entry(QString::fromStdString(spec.name));
    const auto same = std::ranges::find(m_own, spec.source, &StoredLoss::source);
    if (same != m_own.end()) return open_own(same->id);
    StoredLoss of_a_run;
    of_a_run.id = m_next_unsaved--;
    of_a_run.name = free_name(spec.name);
    of_a_run.source = spec.source;
    of_a_run.parameters = spec.parameters;
    of_a_run.labels = spec.labels;
    m_own.push_back(of_a_run);
    open_own(of_a_run.id);
}

void LossPage::open_own(std::int64_t loss) {
    save_now();
    const StoredLoss* mine = own(loss);
    if (mine == nullptr) return;
    QSettings().setValue(last_loss_key(), QString::fromStdString(mine->name));
    Open opened;
    opened.own = mine->id;
    opened.parameters = mine->parameters;
    opened.labels = mine->labels;
    opened.accepted = m_accepted.contains(mine->source);
    open(std::move(opened), QString::fromStdString(mine->source));
}

void LossPage::open_entry(const QString& name) {
    save_now();
    const CatalogueEntry* shipped = entry(name);
    if (shipped == nullptr) return;
    QSettings().setValue(last_loss_key(), name);
    Open opened;
    opened.entry = name;
    open(std::move(opened), shipped->source);
}

void LossPage::open(Open opened, const QString& source) {
    const bool another = !m_is_open || opened.own != m_open.own || opened.entry != m_open.entry;
    m_open = std::move(opened);
    m_is_open = true;
    m_unsaved = false;
    const CatalogueEntry* shipped = m_open.own == 0 ? entry(m_open.entry) : nullptr;
    m_editor->set_text(source);
    m_editor->set_read_only(m_open.own == 0);
    m_insert->setEnabled(m_open.own != 0);
    {
        const QSignalBlocker quiet(m_labels);
        m_labels->setCurrentIndex(std::max(m_labels->findData(QString::fromStdString(m_open.labels)), 0));
    }
    if (another) {
        m_report.reset();
        m_heat->clear();
        m_verdict->set_sentence(tr("Checking…"));
        if (m_inspector) {
            m_inspector->clear_report();
            m_inspector->parameters().set_parameters(shipped != nullptr ? shipped->parameters : std::vector<LossParameter>{},
                                                     m_open.parameters);
        }
        m_editor->set_words(loss_words({}));
    }
    // What a sample is about stands over it, beside the button.
    const bool is_sample = shipped != nullptr && shipped->kind == QLatin1String("sample");
    if (m_inspector)
        m_inspector->set_about(shipped != nullptr && !is_sample ? shipped->about : QString(),
                               shipped != nullptr ? shipped->source_reference : QString());
    show_chips();
    show_notice();
    show_use();
    check_now();
}

void LossPage::show_chips() {
    std::vector<LossChip> chips;
    for (const StoredLoss& loss : m_own) chips.push_back({key_of_own(loss.id), QString::fromStdString(loss.name), {}, true});
    for (const CatalogueEntry& shipped : m_catalogue) {
        const bool open = m_open.own == 0 && shipped.name == m_open.entry;
        if (shipped.kind == QLatin1String("loss") || open)
            chips.push_back({key_of_entry(shipped.name), shipped.title, shipped.about, false});
    }
    m_chips->set_losses(chips, key_of_open());
}

void LossPage::show_notice() {
    QString where;
    if (m_open.own != 0 && !m_session) where = tr("kept as long as this window, since no project is open");
    static_cast<ElidedLabel*>(m_saved)->set_text(where);
    if (m_open.own == 0) {
        const CatalogueEntry* shipped = entry(m_open.entry);
        const bool sample = shipped != nullptr && shipped->kind == QLatin1String("sample");
        return m_notice->say(sample ? shipped->about : tr("This one comes with the program and stays as it is."), tr("Make it mine"));
    }
    if (!m_open.accepted) return m_notice->say(tr("This loss came with the project. Read it, then accept it."), tr("Accept"), true);
    m_notice->hide();
}

void LossPage::accept() {
    m_open.accepted = true;
    m_accepted.accept(m_editor->text().toStdString());
    show_notice();
    show_use();
}

void LossPage::edited() {
    StoredLoss* mine = own(m_open.own);
    if (mine == nullptr) return;
    mine->source = m_editor->text().toStdString();
    m_unsaved = true;
    m_save_timer.start();
    ask();
}

void LossPage::parameters_changed(const Json& parameters) {
    m_open.parameters = parameters;
    if (StoredLoss* mine = own(m_open.own)) {
        mine->parameters = parameters;
        m_unsaved = true;
        m_save_timer.start();
    }
    ask();
}

void LossPage::labels_chosen() {
    m_open.labels = m_labels->currentData().toString().toStdString();
    if (StoredLoss* mine = own(m_open.own)) {
        mine->labels = m_open.labels;
        m_unsaved = true;
        m_save_timer.start();
    }
    ask();
}

/// What is typed in an accepted loss is accepted by being typed. A letter changed in one that is not leaves it as it was: to be read first.
void LossPage::save_now() {
    m_save_timer.stop();
    const StoredLoss* mine = own(m_open.own);
    if (!m_unsaved || mine == nullptr || m_adding) return;
    m_unsaved = false;
    if (m_open.accepted) m_accepted.accept(mine->source);
    if (!m_session) return;
    if (mine->id < 0) return save_new(*mine);
    ++m_saving;
    m_session->ask(
        this, [loss = *mine](Project& project) { return project.losses().change(loss); },
        [this, asked = m_session](const Status& saved) {
            if (asked != m_session) return;
            --m_saving;
            if (!saved) m_error->show_error(saved.error());
        });
}

/// A loss that was begun outside a project goes into this one.
void LossPage::save_new(StoredLoss loss) {
    m_adding = true;
    const std::int64_t before = loss.id;
    loss.id = 0;
    m_session->ask(
        this, [loss](Project& project) { return project.losses().add(loss); },
        [this, before, asked = m_session](const Result<StoredLoss>& added) {
            if (asked != m_session) return;
            m_adding = false;
            if (!added) return m_error->show_error(added.error());
            std::erase_if(m_own, [&](const StoredLoss& each) { return each.id == added->id; });
            if (StoredLoss* mine = own(before)) {
                mine->id = added->id;
                if (m_open.own == before) m_open.own = added->id;
            }
            show_chips();
            if (m_unsaved) m_save_timer.start();
        });
}

void LossPage::add_own(StoredLoss loss, bool rename) {
    save_now();
    loss.id = 0;
    loss.name = free_name(loss.name);
    loss.created_at.clear();
    m_accepted.accept(loss.source);
    const auto take = [this, rename](const StoredLoss& added) {
        if (own(added.id) == nullptr) m_own.push_back(added);
        open_own(added.id);
        m_editor->setFocus();
        if (rename) m_chips->start_rename();
    };
    if (!m_session) {
        loss.id = m_next_unsaved--;
        return take(loss);
    }
    m_session->ask(
        this, [loss](Project& project) { return project.losses().add(loss); },
        [this, take, asked = m_session](const Result<StoredLoss>& added) {
            if (asked != m_session) return;
            if (!added) return m_error->show_error(added.error());
            take(*added);
        });
}

void LossPage::new_loss() {
    StoredLoss loss;
    loss.name = m_own.empty() ? tr("my first loss").toStdString() : tr("my loss").toStdString();
    loss.source = new_loss_source().toStdString();
    add_own(std::move(loss), false);
}

void LossPage::put_together() {
    std::vector<SummableLoss> losses;
    for (const CatalogueEntry& shipped : m_catalogue)
        if (shipped.kind == QLatin1String("loss")) losses.push_back({shipped.name, shipped.title, {}});
    // What nobody has accepted would be accepted with the sum.
    for (const StoredLoss& mine : m_own)
        if (!is_reward_text(mine.source) && m_accepted.contains(mine.source))
            losses.push_back({QString::fromStdString(mine.name), QString::fromStdString(mine.name), QString::fromStdString(mine.source)});
    auto* dialog = new SumDialog(std::move(losses), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &SumDialog::sum_wanted, this, [this, dialog](const Json& terms) {
        m_engine.request(QStringLiteral("loss/sum"), {{"terms", terms}}, dialog, [this, dialog](const Result<Json>& answer) {
            if (!answer) return dialog->show_error(QString::fromStdString(describe(answer.error())));
            StoredLoss loss;
            loss.name = tr("my sum").toStdString();
            loss.source = string_or_empty(*answer, "source");
            dialog->accept();
            add_own(std::move(loss), true);
        });
    });
    dialog->open();
}

void LossPage::make_mine() {
    const CatalogueEntry* shipped = m_open.own == 0 ? entry(m_open.entry) : nullptr;
    if (shipped == nullptr) return;
    StoredLoss loss;
    loss.name = tr("my %1").arg(shipped->title.left(1).toLower() + shipped->title.mid(1)).toStdString();
    loss.source = shipped->source.toStdString();
    loss.parameters = m_open.parameters;
    loss.labels = m_open.labels;
    add_own(std::move(loss), false);
}

/// A copy is as accepted as what it was copied from.
void LossPage::duplicate_own(std::int64_t loss) {
    const StoredLoss* mine = own(loss);
    if (mine == nullptr || !m_open.accepted) return;
    add_own(*mine, false);
}

void LossPage::rename_own(std::int64_t loss, const QString& name) {
    StoredLoss* mine = own(loss);
    if (mine == nullptr || QString::fromStdString(mine->name) == name) return;
    const auto other = std::ranges::find(m_own, name.toStdString(), &StoredLoss::name);
    if (other != m_own.end()) {
        m_error->show_error(Error::bad_input(tr("The project has a loss “%1” already.").arg(name).toStdString())
                                .with_hint(tr("Choose another name.").toStdString()));
        return;
    }
    mine->name = name.toStdString();
    QSettings().setValue(last_loss_key(), name);
    m_unsaved = true;
    save_now();
    show_chips();
}

void LossPage::remove_own(std::int64_t loss) {
    save_now();
    const StoredLoss* mine = own(loss);
    if (mine == nullptr || m_adding) return;
    m_removed = *mine;
    std::erase_if(m_own, [loss](const StoredLoss& each) { return each.id == loss; });
    m_is_open = false;
    m_checker->forget();
    if (m_session && loss > 0) {
        m_session->ask(
            this, [loss](Project& project) { return project.losses().remove(loss); },
            [this](const Status& removed) {
                if (!removed) m_error->show_error(removed.error());
            });
    }
    open_first();
    m_undo_removal->say(tr("“%1” is deleted.").arg(QString::fromStdString(m_removed->name)), tr("Undo"));
}

void LossPage::bring_back() {
    m_undo_removal->hide();
    if (!m_removed) return;
    const StoredLoss loss = *std::exchange(m_removed, std::nullopt);
    const auto take = [this](const StoredLoss& again) {
        if (own(again.id) == nullptr) m_own.push_back(again);
        open_own(again.id);
    };
    if (!m_session || loss.id < 0) return take(loss);
    m_session->ask(
        this, [loss](Project& project) { return project.losses().add(loss); },
        [this, take, asked = m_session](const Result<StoredLoss>& again) {
            if (asked != m_session) return;
            if (!again) return m_error->show_error(again.error());
            take(*again);
        });
}

}  // namespace lossmith::ui
