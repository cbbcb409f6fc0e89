// The card "Odds": which tokens became likelier and which less likely over the rows of a split, found on demand.
#pragma once

#include "ui/logits/LatestRequest.h"
#include "ui/widgets/Card.h"

class QComboBox;
class QPushButton;
class QSpinBox;
class QTableView;

namespace lossmith::ui {

class MutedLabel;
class OddsModel;
class ProgressStrip;

class OddsCard : public Card {
    Q_OBJECT

public:
    /// `progress` stands where there is room for it.
    OddsCard(EngineClient& engine, ProgressStrip& progress, QWidget* parent = nullptr);

    /// An empty base: there are no two models. What was found of other models is forgotten.
    void set_models(const std::string& base, const std::string& tuned, const std::string& project, const Json& template_spec);
    void start();
    void stop();
    [[nodiscard]] bool is_asking() const { return m_request.is_asking(); }
    [[nodiscard]] OddsModel* risen() const { return m_risen; }
    [[nodiscard]] OddsModel* fallen() const { return m_fallen; }

Q_SIGNALS:
    void failed(const lossmith::Error& error);
    void busy_changed();

private:
    QTableView* make_table(OddsModel* model, const QString& name, const QString& what);
    void take(const Json& answer);
    void show_state();

    LatestRequest m_request;
    Json m_models = Json::object();
    OddsModel* m_risen;
    OddsModel* m_fallen;
    QComboBox* m_split;
    QSpinBox* m_rows;
    QPushButton* m_start;
    ProgressStrip& m_progress;
    MutedLabel* m_about;
    QWidget* m_tables;
};

}  // namespace lossmith::ui
