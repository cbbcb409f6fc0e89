// Which loss a run minimises.
#include "ui/train/LossPicker.h"

#include <QComboBox>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "core/config/RewardSpec.h"
#include "ui/widgets/ElidedComboBox.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

/// The same loss, whatever its fields hold.
bool is_same_loss(const LossSpec& one, const LossSpec& other) {
    return one.name == other.name && one.source == other.source && one.labels == other.labels;
}

/// "weight 0.5, hard true"
QString fields_in_words(const Json& parameters) {
    QStringList fields;
    for (const auto& [name, value] : parameters.items())
        fields.append(QString::fromStdString(name) + QLatin1Char(' ') +
                      QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump()));
    return fields.join(QStringLiteral(", "));
}

}  // namespace

std::vector<ShippedLoss> shipped_losses_from_json(const Json& json, Picks what) {
    const char* const kind = what == Picks::Reward ? "reward" : "loss";
    std::vector<ShippedLoss> losses;
    if (!json.is_array()) return losses;
    for (const Json& entry : json) {
        if (string_or_empty(entry, "kind") != kind || string_or_empty(entry, "name").empty()) continue;
        losses.push_back({string_or_empty(entry, "name"), string_or_empty(entry, "title"), string_or_empty(entry, "about")});
    }
    return losses;
}

LossPicker::LossPicker(Picks what, QWidget* parent)
    : QWidget(parent), m_what(what), m_choices(new ElidedComboBox), m_below(new MutedLabel) {
    const bool reward = what == Picks::Reward;
    if (reward) m_loss.name.clear();
    m_choices->setObjectName(reward ? QStringLiteral("reward") : QStringLiteral("loss"));
    m_choices->setAccessibleName(reward ? tr("Reward") : tr("Loss"));
    m_choices->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_choices->setMinimumContentsLength(12);
    auto* label = new QLabel(m_choices->accessibleName());
    label->setBuddy(m_choices);
    QFont small = font();
    small.setPixelSize(11);
    m_below->setFont(small);
    m_below->setTextFormat(Qt::PlainText);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(label);
    layout->addWidget(m_choices);
    layout->addWidget(m_below);
    connect(m_choices, &QComboBox::activated, this, &LossPicker::take);
    fill();
}

void LossPicker::set_catalogue(std::vector<ShippedLoss> shipped) {
    m_shipped = std::move(shipped);
    fill();
}

void LossPicker::set_own(const std::vector<StoredLoss>& losses) {
    const auto before = std::ranges::find_if(m_own, [this](const LossSpec& own) { return is_same_loss(own, m_loss); });
    const std::string chosen = before == m_own.end() ? std::string() : before->name;
    std::vector<LossSpec> own;
    for (const StoredLoss& loss : losses)
        if (is_reward_text(loss.source) == (m_what == Picks::Reward)) own.push_back(loss.spec());
    if (own == m_own) return;
    m_own = std::move(own);
    // The chosen one goes on being typed on its page; a run takes it as it is when it starts.
    const auto now = std::ranges::find(m_own, chosen, &LossSpec::name);
    if (!chosen.empty() && now != m_own.end() && *now != m_loss) {
        m_loss = *now;
        fill();
        Q_EMIT changed();
        return;
    }
    fill();
}

void LossPicker::set_loss(const LossSpec& loss) {
    m_loss = loss;
    fill();
}

bool LossPicker::has_shipped(const std::string& name) const {
    return std::ranges::find(m_shipped, name, &ShippedLoss::name) != m_shipped.end();
}

void LossPicker::set_error(const QString& sentence) {
    m_error = sentence;
    show_meaning();
}

void LossPicker::fill() {
    const QSignalBlocker quiet(m_choices);
    m_choices->clear();
    m_offered.clear();
    const auto offer = [this](LossSpec spec, const QString& label) {
        if (is_same_loss(spec, m_loss)) spec = m_loss;
        m_offered.push_back(std::move(spec));
        m_choices->addItem(label);
    };
    if (m_what == Picks::Reward) offer({std::string(), Json::object(), {}, "aligned"}, tr("none"));
    for (const LossSpec& own : m_own) offer(own, QString::fromStdString(own.name));
    const auto line = static_cast<std::ptrdiff_t>(m_offered.size());
    if (!m_own.empty()) m_choices->insertSeparator(m_choices->count());
    if (!m_own.empty()) m_offered.emplace_back();  // stands for the line
    for (const ShippedLoss& shipped : m_shipped)
        offer({shipped.name, Json::object(), {}, "aligned"},
              shipped.title.empty() ? words_of_name(shipped.name) : QString::fromStdString(shipped.title));
    const auto known = std::ranges::find_if(m_offered, [this](const LossSpec& offered) { return is_same_loss(offered, m_loss); });
    const bool is_line = known != m_offered.end() && !m_own.empty() && known - m_offered.begin() == line;
    int index = static_cast<int>(known - m_offered.begin());
    if (known == m_offered.end() || is_line) {
        index = static_cast<int>(m_offered.size());
        offer(m_loss, m_loss.source.empty() ? words_of_name(m_loss.name) : tr("%1, as it was").arg(QString::fromStdString(m_loss.name)));
    }
    m_choices->addItem(tr("Edit…"));
    m_choices->setCurrentIndex(index);
    show_meaning();
}

void LossPicker::take(int index) {
    if (index < 0 || index >= static_cast<int>(m_offered.size())) {
        fill();
        Q_EMIT edit_wanted();
        return;
    }
    m_loss = m_offered[static_cast<std::size_t>(index)];
    show_meaning();
    Q_EMIT changed();
}

void LossPicker::show_meaning() {
    QString meaning = m_what == Picks::Loss ? tr("What the run minimises.") : tr("By policy gradient, if you choose one.");
    if (!m_loss.source.empty())
        meaning = tr("Typed on the page Loss.");
    else if (const auto shipped = std::ranges::find(m_shipped, m_loss.name, &ShippedLoss::name);
             shipped != m_shipped.end() && !shipped->about.empty())
        meaning = QString::fromStdString(shipped->about);
    m_choices->setToolTip(meaning);
    const QString fields = fields_in_words(m_loss.parameters);
    if (!fields.isEmpty()) meaning = fields;
    m_below->setText(m_error.isEmpty() ? meaning : m_error);
    m_below->set_role(m_error.isEmpty() ? Role::Muted : Role::Bad);
}

}  // namespace lossmith::ui

#include "moc_LossPicker.cpp"
