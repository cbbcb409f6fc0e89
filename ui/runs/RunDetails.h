// The panel beside the Runs page: what made one run and where it began, or how several differ.
#pragma once

#include <QWidget>
#include <cstdint>
#include <map>
#include <vector>

#include "core/project/RunOrigins.h"
#include "core/project/RunStore.h"

class QGridLayout;
class QLabel;
class QPushButton;

namespace lossmith::ui {

class FactList;
class MutedLabel;
class SectionLabel;

class RunDetails : public QWidget {
    Q_OBJECT

public:
    explicit RunDetails(QWidget* parent = nullptr);

    /// All runs, and where one began from another; wanted before show_runs().
    void set_lineage(const std::vector<Run>& runs, std::map<std::int64_t, RunOrigin> origins);
    /// None: a hint. One: its facts. Up to most_compared: what differs between their configs. More: a hint.
    void show_runs(const std::vector<Run>& runs);

    static constexpr std::size_t most_compared = 5;

Q_SIGNALS:
    /// A run that this one began from, or that went on from it, was clicked.
    void run_clicked(qint64 run);
    void config_wanted();  ///< the shown run's config, as a file

private:
    void show_one(const Run& run);
    void show_difference(const std::vector<Run>& runs);
    void show_text(SectionLabel* heading, QLabel* label, const std::string& text);
    [[nodiscard]] QString lineage_of(const Run& run) const;
    void clear();

    std::map<std::int64_t, RunOrigin> m_origins;
    std::map<std::int64_t, QString> m_models;  ///< by run: what its config names
    SectionLabel* m_heading;
    MutedLabel* m_hint;
    FactList* m_result;
    SectionLabel* m_lineage_heading;
    QLabel* m_lineage;
    SectionLabel* m_made_heading;
    FactList* m_made;
    QPushButton* m_save_config;
    SectionLabel* m_text_heading;
    QLabel* m_text;
    SectionLabel* m_loss_heading;
    QLabel* m_loss;
    SectionLabel* m_reward_heading;
    QLabel* m_reward;
    QWidget* m_difference;
    QGridLayout* m_grid;
};

}  // namespace lossmith::ui
