#include "ui/logits/AttentionCard.h"

#include <QButtonGroup>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int thumbnail = 38;
constexpr int columns = 4;
/// Longer texts are asked for a head at a time: all heads at once would be megabytes in one answer.
constexpr int longest_at_once = 96;
const QString layer_key = QStringLiteral("logits/attention_layer");

AttentionRows rows_from(const Json& json) {
    AttentionRows rows;
    if (!json.is_array()) return rows;
    for (const Json& query : json) {
        std::vector<double> keys;
        if (query.is_array())
            for (const Json& key : query) keys.push_back(key.is_number() ? key.get<double>() : 0.0);
        rows.push_back(std::move(keys));
    }
    return rows;
}

QIcon thumbnail_of(const AttentionRows& rows) {
    return QIcon(
        QPixmap::fromImage(attention_image(rows).scaled(2 * thumbnail, 2 * thumbnail, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)));
}

}  // namespace

AttentionCard::AttentionCard(EngineClient& engine, QWidget* parent)
    : InspectionCard(engine, parent),
      m_layer(new QSpinBox),
      m_grid_box(new QWidget),
      m_grid(new QGridLayout(m_grid_box)),
      m_buttons(new QButtonGroup(this)),
      m_map(new AttentionMap),
      m_about(new MutedLabel) {
    set_heading(tr("Attention"));
    m_layer->setObjectName(QStringLiteral("attention_layer"));
    m_layer->setAccessibleName(tr("Layer"));
    m_layer->setPrefix(tr("layer "));
    m_layer->setRange(1, std::max(QSettings().value(layer_key, 1).toInt(), 1));
    m_layer->setValue(m_layer->maximum());
    header()->insertWidget(0, m_layer);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(4);
    auto* pictures = new QHBoxLayout;
    pictures->setSpacing(10);
    pictures->addWidget(m_grid_box, 0, Qt::AlignTop);
    pictures->addWidget(m_map, 1);
    body()->addLayout(pictures, 1);
    body()->addWidget(m_about);
    connect(m_layer, &QSpinBox::valueChanged, this, [this](int layer) {
        QSettings().setValue(layer_key, layer);
        refresh();
    });
    connect(m_buttons, &QButtonGroup::idClicked, this, &AttentionCard::choose_head);
    connect(m_map, &AttentionMap::query_chosen, this, &AttentionCard::place_chosen);
    clear_answer();
}

void AttentionCard::ask() {
    m_heads.clear();
    m_head_count = 0;
    const bool at_once = inspection()->places() <= longest_at_once;
    ask_head(at_once ? -1 : 0);
}

void AttentionCard::ask_head(int head) {
    Json params = inspection()->params(side());
    params["layer"] = m_layer->value() - 1;
    if (head >= 0) params["head"] = head;
    m_request.ask(QStringLiteral("inspect/attention"), params, [this, head](const Result<Json>& answer) {
        const Json* json = taken(answer);
        if (!json || !take(*json)) return;
        show_heads();
        show_chosen();
        if (head >= 0 && head + 1 < m_head_count) ask_head(head + 1);
    });
}

bool AttentionCard::take(const Json& answer) {
    for (const Json& each : list_in(answer, "heads")) m_heads.push_back(rows_from(each));
    m_head_count = static_cast<int>(whole_number_in(answer, "head_count"));
    const auto tokens = inspection()->text.tokens.size();
    for (const AttentionRows& rows : m_heads)
        if (rows.size() != tokens) {
            clear_answer();
            say(QString::fromStdString(unreadable_answer().message));
            return false;
        }
    const QSignalBlocker quiet(m_layer);
    m_layer->setMaximum(std::max(static_cast<int>(whole_number_in(answer, "layer_count")), 1));
    m_layer->setSuffix(tr(" of %1").arg(m_layer->maximum()));
    return true;
}

void AttentionCard::show_heads() {
    const int wanted = m_head_count + 1;
    while (m_buttons->buttons().size() < wanted) {
        const int index = static_cast<int>(m_buttons->buttons().size());
        auto* button = new QToolButton;
        button->setCheckable(true);
        button->setIconSize({thumbnail, thumbnail});
        const QString name = index == 0 ? tr("mean of all heads") : tr("head %1").arg(index);
        button->setAccessibleName(name);
        button->setToolTip(name);
        button->setObjectName(index == 0 ? QStringLiteral("head_mean") : QStringLiteral("head_%1").arg(index));
        if (index == 0) {
            button->setText(tr("mean"));
            button->setFixedSize(thumbnail + 8, thumbnail + 8);
        }
        m_buttons->addButton(button, index - 1);
        m_grid->addWidget(button, index / columns, index % columns);
    }
    for (QAbstractButton* button : m_buttons->buttons()) {
        const int head = m_buttons->id(button);
        button->setVisible(head < m_head_count);
        if (head >= 0 && head < static_cast<int>(m_heads.size())) button->setIcon(thumbnail_of(m_heads[static_cast<std::size_t>(head)]));
    }
    if (m_head >= m_head_count) m_head = -1;
    if (QAbstractButton* button = m_buttons->button(m_head)) button->setChecked(true);
    m_grid_box->show();
    m_map->show();
}

void AttentionCard::choose_head(int head) {
    m_head = head;
    if (QAbstractButton* button = m_buttons->button(head)) button->setChecked(true);
    show_chosen();
}

AttentionRows AttentionCard::chosen_rows() const {
    if (m_heads.empty()) return {};
    if (m_head >= 0) return m_head < static_cast<int>(m_heads.size()) ? m_heads[static_cast<std::size_t>(m_head)] : AttentionRows();
    AttentionRows mean = m_heads.front();
    for (std::size_t query = 0; query < mean.size(); ++query)
        for (std::size_t key = 0; key < mean[query].size(); ++key) {
            double sum = 0;
            for (const AttentionRows& rows : m_heads) sum += key < rows[query].size() ? rows[query][key] : 0.0;
            mean[query][key] = sum / static_cast<double>(m_heads.size());
        }
    return mean;
}

void AttentionCard::show_chosen() {
    if (!inspection()) return;
    std::vector<QString> tokens;
    for (const InspectedToken& token : inspection()->text.tokens) tokens.push_back(shown_token(token.text));
    m_map->set_rows(chosen_rows(), std::move(tokens));
    place_changed();
}

void AttentionCard::place_changed() {
    m_map->set_query(place());
    const bool known = place() >= 0 && place() < static_cast<int>(m_map->rows().size());
    m_about->setVisible(known);
    if (known)
        m_about->setText(
            tr("Arcs in the strip: what %1 looks at. A line of the picture is a token that looks, a column one that is looked at.")
                .arg(shown_token(inspection()->text.tokens[static_cast<std::size_t>(place())].text)));
    Q_EMIT ties_changed();
}

std::vector<double> AttentionCard::ties() const {
    if (!isVisible() || place() < 0 || place() >= static_cast<int>(m_map->rows().size())) return {};
    auto keys = m_map->rows()[static_cast<std::size_t>(place())];
    keys.resize(std::min(keys.size(), static_cast<std::size_t>(place()) + 1));
    return keys;
}

void AttentionCard::clear_answer() {
    m_heads.clear();
    m_map->set_rows({}, {});
    m_map->hide();
    m_grid_box->hide();
    m_about->hide();
    Q_EMIT ties_changed();
}

void AttentionCard::hideEvent(QHideEvent* event) {
    InspectionCard::hideEvent(event);
    Q_EMIT ties_changed();
}

void AttentionCard::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_head_count > 0) show_heads();
    InspectionCard::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_AttentionCard.cpp"
