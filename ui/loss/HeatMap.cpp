// The tokens of a row on colours of loss or gradient.
#include "ui/loss/HeatMap.h"

#include <QHBoxLayout>
#include <QHelpEvent>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/loss/LossChecker.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int padding_in_a_box = 4;
constexpr int gap_between_boxes = 2;
constexpr int gap_between_lines = 4;
/// Of the colour over the paper; the words on it stay readable.
constexpr double strongest_share_on_light = 0.62;
constexpr double strongest_share_on_dark = 0.5;

/// A space before a word as a dot, line ends as their sign: what a token really holds.
QString visible_token(const QString& text) {
    QString shown = text;
    shown.replace(QLatin1Char('\n'), QChar(0x23CE)).replace(QLatin1Char('\t'), QChar(0x21E5)).replace(QLatin1Char('\r'), QChar(0x240D));
    return shown.replace(QLatin1Char(' '), QChar(0x00B7));
}

QColor mixed(const QColor& paper, const QColor& ink, double share) {
    const auto part = [share](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * share)); };
    return QColor(part(paper.red(), ink.red()), part(paper.green(), ink.green()), part(paper.blue(), ink.blue()));
}

std::optional<double> amount_of(const HeatToken& token, HeatOf what) {
    if (!token.labelled) return std::nullopt;
    return what == HeatOf::Value ? token.value : token.gradient;
}

/// A strip from nothing to most.
class HeatLegend : public QWidget {
public:
    HeatLegend() {
        setFixedSize(72, 10);
        setAccessibleName(HeatCard::tr("From little to much"));
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        constexpr int steps = 12;
        const int width_of_step = width() / steps;
        for (int step = 0; step < steps; ++step)
            painter.fillRect(step * width_of_step, 0, width_of_step, height(), HeatMap::colour_of(step / (steps - 1.0)));
        painter.setPen(Theme::colour(Role::Border));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
};

}  // namespace

HeatMap::HeatMap(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("heat_map"));
    setFont(Theme::token_font());
    setMouseTracking(true);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

QColor HeatMap::colour_of(double strength) {
    const double strongest_share = Theme::is_dark() ? strongest_share_on_dark : strongest_share_on_light;
    return mixed(Theme::colour(Role::Panel), Theme::colour(Role::Bad), strongest_share * std::clamp(strength, 0.0, 1.0));
}

void HeatMap::set_tokens(std::vector<HeatToken> tokens, HeatOf what, double largest) {
    m_tokens = std::move(tokens);
    m_what = what;
    m_largest = largest;
    int height = 0;
    m_boxes = boxes_for(width(), &height);
    QStringList words;
    for (const HeatToken& token : m_tokens) words.append(token.text);
    setAccessibleName(HeatCard::tr("Loss by token of “%1”").arg(words.join(QString()).left(200)));
    updateGeometry();
    update();
}

std::optional<double> HeatMap::strength_of(std::size_t token) const {
    if (token >= m_tokens.size()) return std::nullopt;
    const auto amount = amount_of(m_tokens[token], m_what);
    if (!amount) return std::nullopt;
    if (!std::isfinite(*amount)) return 1.0;
    return m_largest > 0 ? std::min(std::abs(*amount) / m_largest, 1.0) : 0.0;
}

QString HeatMap::tip_of(std::size_t token) const {
    if (token >= m_tokens.size()) return {};
    const HeatToken& each = m_tokens[token];
    QStringList lines{visible_token(each.text)};
    if (!each.labelled) lines.append(HeatCard::tr("not labelled: it takes no part in the loss"));
    if (each.labelled && each.value) lines.append(HeatCard::tr("loss %1").arg(short_number(*each.value, 4)));
    if (each.labelled && each.gradient) lines.append(HeatCard::tr("gradient %1").arg(short_number(*each.gradient, 4)));
    return lines.join(QLatin1Char('\n'));
}

std::vector<HeatMap::Box> HeatMap::boxes_for(int width, int* height) const {
    std::vector<Box> boxes;
    const QFontMetrics metrics(font());
    const int line_height = metrics.height() + 6;
    int x = 0;
    int y = 0;
    for (std::size_t index = 0; index < m_tokens.size(); ++index) {
        const int wanted = metrics.horizontalAdvance(visible_token(m_tokens[index].text)) + 2 * padding_in_a_box + 1;
        const int box_width = std::min(wanted, std::max(width, 40));
        if (x > 0 && x + box_width > width) {
            x = 0;
            y += line_height + gap_between_lines;
        }
        boxes.push_back({QRect(x, y, box_width, line_height), index});
        x += box_width + gap_between_boxes;
    }
    *height = m_tokens.empty() ? 0 : y + line_height;
    return boxes;
}

int HeatMap::heightForWidth(int width) const {
    int height = 0;
    (void)boxes_for(width, &height);
    return height;
}

QSize HeatMap::sizeHint() const {
    const int wide = std::max(width(), 200);
    return {200, heightForWidth(wide)};
}

QRect HeatMap::rectangle_of(std::size_t token) const {
    return token < m_boxes.size() ? m_boxes[token].place : QRect();
}

void HeatMap::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    int height = 0;
    m_boxes = boxes_for(width(), &height);
}

bool HeatMap::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        for (const Box& box : m_boxes) {
            if (!box.place.contains(help->pos())) continue;
            const QString tip = tip_of(box.token).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
            QToolTip::showText(help->globalPos(), QStringLiteral("<p>%1</p>").arg(tip), this, box.place);
            return true;
        }
        QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::PaletteChange) update();
    return QWidget::event(event);
}

void HeatMap::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetrics metrics(font());
    for (const Box& box : m_boxes) {
        if (!box.place.intersects(event->rect())) continue;
        const auto strength = strength_of(box.token);
        if (strength) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(colour_of(*strength));
            painter.drawRoundedRect(box.place, 3, 3);
        }
        painter.setPen(Theme::colour(strength ? Role::Text : Role::Muted));
        const QRect words = box.place.adjusted(padding_in_a_box, 0, -padding_in_a_box, 0);
        const QString token = visible_token(m_tokens[box.token].text);
        const bool is_cut_off = box.place.width() >= width() && metrics.horizontalAdvance(token) > words.width();
        painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextDontClip,
                         is_cut_off ? metrics.elidedText(token, Qt::ElideRight, words.width()) : token);
    }
}

HeatCard::HeatCard(QWidget* parent)
    : Card(tr("Loss by token"), parent),
      m_map(new HeatMap),
      m_reward_list(new FactList),
      m_nothing(new MutedLabel),
      m_value(new Chip(tr("value"))),
      m_gradient(new Chip(tr("gradient"))),
      m_back(new QToolButton),
      m_on(new QToolButton),
      m_row_label(new MutedLabel),
      m_legend(new QWidget),
      m_legend_low(new MutedLabel(QStringLiteral("0"))),
      m_legend_high(new MutedLabel),
      m_note(new MutedLabel) {
    setObjectName(QStringLiteral("heat_card"));
    for (Chip* chip : {m_value, m_gradient}) chip->setCheckable(true);
    m_value->setObjectName(QStringLiteral("heat_value"));
    m_gradient->setObjectName(QStringLiteral("heat_gradient"));
    m_value->setToolTip(tr("What each token adds to the loss"));
    m_gradient->setToolTip(tr("How hard each token pulls at the model: the length of the gradient at its logits"));
    m_back->setIcon(icon(QStringLiteral("go-previous")));
    m_on->setIcon(icon(QStringLiteral("go-next")));
    m_back->setObjectName(QStringLiteral("row_back"));
    m_on->setObjectName(QStringLiteral("row_on"));
    m_back->setToolTip(tr("The row before"));
    m_on->setToolTip(tr("The row after"));
    m_back->setAccessibleName(m_back->toolTip());
    m_on->setAccessibleName(m_on->toolTip());
    for (QToolButton* button : {m_back, m_on}) button->setAutoRaise(true);
    for (MutedLabel* label : {m_row_label, m_legend_low, m_legend_high, m_note}) label->setWordWrap(false);

    auto* legend = new QHBoxLayout(m_legend);
    legend->setContentsMargins(0, 0, 8, 0);
    legend->setSpacing(6);
    legend->addWidget(m_legend_low);
    legend->addWidget(new HeatLegend);
    legend->addWidget(m_legend_high);
    for (QWidget* part : std::initializer_list<QWidget*>{m_note, m_legend, m_value, m_gradient, m_back, m_row_label, m_on})
        header()->addWidget(part);

    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* inside = new QWidget;
    inside->setObjectName(QStringLiteral("scroll_body"));
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_nothing);
    column->addWidget(m_map);
    m_reward_list->setMaximumWidth(760);
    column->addWidget(m_reward_list);
    column->addStretch(1);
    scroll->setWidget(inside);
    body()->addWidget(scroll, 1);

    connect(m_value, &Chip::clicked, this, [this] { show_what(HeatOf::Value); });
    connect(m_gradient, &Chip::clicked, this, [this] { show_what(HeatOf::Gradient); });
    connect(m_back, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_on, &QToolButton::clicked, this, [this] { step(1); });
    clear();
}

void HeatCard::set_report(const LossReport& report) {
    const bool by_row = report.is_reward && report.heat.empty();
    set_heading(by_row ? tr("Reward by row") : report.is_reward ? tr("Reward by token") : tr("Loss by token"));
    m_rewards = by_row ? report.parts : std::vector<LossPart>();
    if (by_row) m_rows.clear();
    m_is_earlier = report.heat.empty();
    if (!report.heat.empty()) m_rows = report.heat;
    m_row = std::clamp(m_row, 0, std::max(static_cast<int>(m_rows.size()) - 1, 0));
    redraw();
}

void HeatCard::clear() {
    m_rows.clear();
    m_rewards.clear();
    m_row = 0;
    m_is_earlier = false;
    set_heading(tr("Loss by token"));
    redraw();
}

void HeatCard::show_row(int index) {
    m_row = std::clamp(index, 0, std::max(static_cast<int>(m_rows.size()) - 1, 0));
    redraw();
}

void HeatCard::show_what(HeatOf what) {
    m_what = what;
    redraw();
}

void HeatCard::step(int direction) {
    const int wanted = m_row + direction;
    if (wanted >= 0 && wanted < static_cast<int>(m_rows.size())) return show_row(wanted);
    m_row = direction > 0 ? 0 : LossChecker::rows_checked - 1;
    Q_EMIT more_rows_wanted(direction);
}

void HeatCard::redraw() {
    const bool any = !m_rows.empty();
    m_value->setChecked(m_what == HeatOf::Value);
    m_gradient->setChecked(m_what == HeatOf::Gradient);
    std::vector<FactList::Fact> rewards;
    for (const LossPart& part : m_rewards)
        rewards.push_back({part.name, part.value ? short_number(*part.value, 4) : QStringLiteral("–"), Role::Text});
    m_reward_list->set_facts(rewards);
    m_reward_list->setVisible(!rewards.empty());
    m_nothing->setVisible(!any && rewards.empty());
    m_nothing->setText(tr("The tokens of the rows stand here as soon as the loss runs on them."));
    for (QWidget* part : std::initializer_list<QWidget*>{m_map, m_legend, m_value, m_gradient, m_back, m_row_label, m_on})
        part->setVisible(any);
    m_note->setVisible(any && m_is_earlier);
    m_note->setText(tr("of the last text that ran"));
    if (!any) {
        m_map->set_tokens({}, m_what, 0);
        return;
    }
    double largest = 0;
    for (const HeatRow& row : m_rows)
        for (const HeatToken& token : row.tokens)
            if (const auto amount = amount_of(token, m_what); amount && std::isfinite(*amount))
                largest = std::max(largest, std::abs(*amount));
    const HeatRow& row = m_rows[static_cast<std::size_t>(m_row)];
    m_map->set_tokens(row.tokens, m_what, largest);
    m_row_label->setText(tr("row %1").arg(row.row + 1));
    m_back->setEnabled(m_row > 0 || m_rows.front().row > 0);
    m_legend_high->setText(short_number(largest));
}

void HeatCard::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) m_map->update();
    Card::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_HeatMap.cpp"
