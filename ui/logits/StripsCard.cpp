#include "ui/logits/StripsCard.h"

#include <QButtonGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QSettings>
#include <QVBoxLayout>

#include "ui/logits/TokenStrip.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

const QString measure_key = QStringLiteral("logits/measure");
const QString change_key = QStringLiteral("logits/change");
const QString values_key = QStringLiteral("logits/values");

template <typename Kind, std::size_t count>
Kind remembered(const QString& key, const std::array<Kind, count>& all) {
    const int index = QSettings().value(key, 0).toInt();
    return index >= 0 && index < static_cast<int>(count) ? all[static_cast<std::size_t>(index)] : all.front();
}

/// The place after the last token, which has no token yet.
const QString next_mark = QStringLiteral("▸");

}  // namespace

StripsCard::StripsCard(QWidget* parent)
    : Card({}, parent),
      m_measure(remembered(measure_key, all_measures)),
      m_change(remembered(change_key, all_changes)),
      m_values_shown(QSettings().value(values_key, false).toBool()),
      m_measures(new QButtonGroup(this)),
      m_changes(new QButtonGroup(this)),
      m_values(new Chip(tr("values"))),
      m_legend(new ScaleLegend),
      m_change_legend(new ScaleLegend),
      m_empty(new MutedLabel(tr("Choose a row or type a text."))) {
    body()->addWidget(make_chips());
    auto* inside = new QWidget;
    inside->setObjectName(QStringLiteral("scroll_body"));
    auto* layout = new QVBoxLayout(inside);
    layout->setContentsMargins(0, 0, 4, 0);
    layout->setSpacing(8);
    layout->addWidget(m_empty);
    m_base = add_section(inside, tr("Base").toUpper(), QStringLiteral("base_strip"));
    m_tuned = add_section(inside, tr("Tuned").toUpper(), QStringLiteral("tuned_strip"));
    m_change_section = add_section(inside, tr("Tuned − base").toUpper(), QStringLiteral("change_strip"));
    m_base.title->set_role(Role::Base);
    m_tuned.title->set_role(Role::Tuned);
    m_change_section.controls->layout()->addWidget(make_change_chips());
    layout->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    scroll->setFocusPolicy(Qt::NoFocus);
    body()->addWidget(scroll, 1);
    for (TokenStrip* strip : {m_base.strip, m_tuned.strip, m_change_section.strip}) {
        strip->set_values_shown(m_values_shown);
        strip->set_tips([this](std::size_t token) {
            if (!m_inspection) return QString();
            const auto& tokens = m_inspection->text.tokens;
            return token < tokens.size() ? tip_of(tokens[token], token) : tr("What comes after the last token");
        });
        connect(strip, &TokenStrip::chosen, this, [this, scroll, strip](int token) {
            const QRect place = strip->rectangle_of(token);
            const QPoint at = strip->mapTo(scroll->widget(), place.center());
            scroll->ensureVisible(at.x(), at.y(), 0, place.height() + 8);
            Q_EMIT place_chosen(token);
        });
        connect(strip, &TokenStrip::activated, this, &StripsCard::place_activated);
    }
    redraw();
}

QWidget* StripsCard::make_chips() {
    auto* line = new QWidget;
    auto* layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(new MutedLabel(tr("coloured by")));
    for (const Measure measure : all_measures) {
        auto* chip = new Chip(title_of(measure));
        chip->setCheckable(true);
        chip->setToolTip(about(measure));
        chip->setObjectName(QStringLiteral("measure_%1").arg(static_cast<int>(measure)));
        chip->setChecked(measure == m_measure);
        m_measures->addButton(chip, static_cast<int>(measure));
        layout->addWidget(chip);
    }
    m_values->setCheckable(true);
    m_values->setChecked(m_values_shown);
    m_values->setObjectName(QStringLiteral("values"));
    m_values->setToolTip(tr("Writes the value under each token, for those who do not go by colours"));
    layout->addSpacing(8);
    layout->addWidget(m_values);
    layout->addStretch();
    layout->addWidget(m_legend);
    connect(m_measures, &QButtonGroup::idClicked, this, [this](int id) { set_measure(static_cast<Measure>(id)); });
    connect(m_values, &Chip::toggled, this, &StripsCard::set_values_shown);
    return line;
}

QWidget* StripsCard::make_change_chips() {
    auto* line = new QWidget;
    auto* layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    for (const Change change : all_changes) {
        auto* chip = new Chip(title_of(change));
        chip->setCheckable(true);
        chip->setToolTip(about(change));
        chip->setObjectName(QStringLiteral("change_%1").arg(static_cast<int>(change)));
        chip->setChecked(change == m_change);
        m_changes->addButton(chip, static_cast<int>(change));
        layout->addWidget(chip);
    }
    layout->addStretch();
    layout->addWidget(m_change_legend);
    connect(m_changes, &QButtonGroup::idClicked, this, [this](int id) { set_change(static_cast<Change>(id)); });
    return line;
}

StripsCard::Section StripsCard::add_section(QWidget* parent, const QString& title, const QString& name) {
    Section section{new QWidget, new MutedLabel(title), new MutedLabel, new TokenStrip, new QWidget};
    auto* layout = new QVBoxLayout(section.box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto* line = new QHBoxLayout;
    QFont small = section.title->font();
    small.setPixelSize(11);
    small.setBold(true);
    section.title->setFont(small);
    section.title->setWordWrap(false);
    section.figure->setWordWrap(false);
    section.figure->setToolTip(tr("Tokens that are trained on are underlined; where there are none, all count"));
    section.figure->setObjectName(name + QStringLiteral("_figure"));
    auto* controls = new QHBoxLayout(section.controls);
    controls->setContentsMargins(0, 0, 0, 0);
    line->addWidget(section.title);
    line->addWidget(section.controls, 1);
    line->addWidget(section.figure);
    layout->addLayout(line);
    layout->addWidget(section.strip);
    section.strip->setObjectName(name);
    section.strip->setAccessibleName(title);
    parent->layout()->addWidget(section.box);
    return section;
}

void StripsCard::set_inspection(InspectionPointer inspection) {
    m_inspection = std::move(inspection);
    redraw();
}

void StripsCard::set_measure(Measure measure) {
    m_measure = measure;
    m_measures->button(static_cast<int>(measure))->setChecked(true);
    QSettings().setValue(measure_key, static_cast<int>(measure));
    redraw();
    Q_EMIT measure_changed(measure);
}

void StripsCard::set_change(Change change) {
    m_change = change;
    m_changes->button(static_cast<int>(change))->setChecked(true);
    QSettings().setValue(change_key, static_cast<int>(change));
    redraw();
}

void StripsCard::set_values_shown(bool shown) {
    m_values_shown = shown;
    m_values->setChecked(shown);
    QSettings().setValue(values_key, shown);
    for (TokenStrip* strip : {m_base.strip, m_tuned.strip, m_change_section.strip}) strip->set_values_shown(shown);
}

void StripsCard::set_place(int place) {
    for (TokenStrip* strip : {m_base.strip, m_tuned.strip, m_change_section.strip}) strip->set_selected(place);
}

void StripsCard::set_ties(ModelSide side, const std::vector<double>& ties) {
    m_base.strip->set_ties(side == ModelSide::Base ? ties : std::vector<double>());
    m_tuned.strip->set_ties(side == ModelSide::Tuned ? ties : std::vector<double>());
}

void StripsCard::redraw() {
    const bool any = m_inspection != nullptr;
    const bool two = any && m_inspection->of_two();
    m_empty->setVisible(!any);
    m_base.box->setVisible(two);
    m_tuned.box->setVisible(any);
    m_change_section.box->setVisible(two);
    m_tuned.title->setText(two ? tr("Tuned").toUpper() : tr("Model").toUpper());
    const auto [low, high] = ends_of(m_measure);
    m_legend->set_scale(scale_of(m_measure), low, high);
    if (any) draw_side(m_tuned, ModelSide::Tuned);
    if (!two) return;
    draw_side(m_base, ModelSide::Base);
    draw_change();
}

void StripsCard::draw_side(Section& section, ModelSide side) {
    std::vector<StripCell> cells;
    for (const InspectedToken& token : m_inspection->text.tokens) {
        StripCell cell{shown_token(token.text), {}, {}, token.labelled.value_or(false)};
        if (const auto& told = prediction(token, side)) {
            cell.value = value_of(*told, m_measure);
            cell.value_text = value_text(*told, m_measure);
        }
        cells.push_back(std::move(cell));
    }
    cells.push_back({next_mark, {}, {}, false});
    section.strip->set_cells(std::move(cells), scale_of(m_measure));
    const auto figure = perplexity(m_inspection->text, side);
    const bool labelled = std::ranges::any_of(m_inspection->text.tokens, [](const auto& token) { return token.labelled.value_or(false); });
    section.figure->setText(!figure    ? QString()
                            : labelled ? tr("perplexity of the solution %1").arg(QString::number(*figure, 'g', 3))
                                       : tr("perplexity %1").arg(QString::number(*figure, 'g', 3)));
}

void StripsCard::draw_change() {
    std::vector<StripCell> cells;
    for (const InspectedToken& token : m_inspection->text.tokens)
        cells.push_back({shown_token(token.text), value_of(token, m_change), value_text(token, m_change), token.labelled.value_or(false)});
    cells.push_back({next_mark, {}, {}, false});
    m_change_section.strip->set_cells(std::move(cells), scale_of(m_change));
    const auto [low, high] = ends_of(m_change);
    m_change_legend->set_scale(scale_of(m_change), low, high);
}

void StripsCard::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) redraw();
    Card::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_StripsCard.cpp"
