// The split's sliders.
#include "ui/data/SplitPanel.h"

#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "ui/data/RowsModel.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

constexpr int largest_percent = 50;

QSlider* share_slider(const QString& name) {
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setRange(0, largest_percent);
    slider->setPageStep(5);
    slider->setAccessibleName(name);
    return slider;
}

int percent_of(double share) {
    return static_cast<int>(share * 100.0 + 0.5);
}

}  // namespace

SplitPanel::SplitPanel(QWidget* parent)
    : QWidget(parent),
      m_validation(share_slider(tr("Share of validation rows"))),
      m_test(share_slider(tr("Share of test rows"))),
      m_validation_share(new QLabel),
      m_test_share(new QLabel),
      m_seed(new QSpinBox),
      m_counts(new FactList) {
    m_validation->setObjectName(QStringLiteral("split_validation"));
    m_test->setObjectName(QStringLiteral("split_test"));
    m_seed->setObjectName(QStringLiteral("split_seed"));
    m_seed->setRange(0, std::numeric_limits<int>::max());
    m_seed->setAccessibleName(tr("Seed of the split"));
    m_seed->setToolTip(tr("Which rows fall into which split; the same seed gives the same rows"));
    m_seed->setKeyboardTracking(false);
    auto* grid = new QGridLayout;
    grid->setVerticalSpacing(6);
    grid->addWidget(new QLabel(tr("Validation")), 0, 0);
    grid->addWidget(m_validation, 0, 1);
    grid->addWidget(m_validation_share, 0, 2);
    grid->addWidget(new QLabel(tr("Test")), 1, 0);
    grid->addWidget(m_test, 1, 1);
    grid->addWidget(m_test_share, 1, 2);
    grid->addWidget(new QLabel(tr("Seed")), 2, 0);
    grid->addWidget(m_seed, 2, 1, 1, 2);
    for (QLabel* label : {m_validation_share, m_test_share}) {
        label->setMinimumWidth(38);
        label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    layout->addLayout(grid);
    layout->addWidget(m_counts);
    for (QSlider* slider : {m_validation, m_test}) {
        connect(slider, &QSlider::valueChanged, this, [this, slider] {
            show_shares();
            if (!slider->isSliderDown()) tell();
        });
        connect(slider, &QSlider::sliderReleased, this, &SplitPanel::tell);
    }
    connect(m_seed, &QSpinBox::valueChanged, this, &SplitPanel::tell);
}

void SplitPanel::show_summary(const DataSummary& summary) {
    m_shown = summary.split;
    if (!m_validation->isSliderDown() && !m_test->isSliderDown()) {
        const QSignalBlocker quiet_validation(m_validation);
        const QSignalBlocker quiet_test(m_test);
        const QSignalBlocker quiet_seed(m_seed);
        m_validation->setValue(percent_of(summary.split.validation));
        m_test->setValue(percent_of(summary.split.test));
        m_seed->setValue(static_cast<int>(std::min<std::uint64_t>(summary.split.seed, static_cast<std::uint64_t>(m_seed->maximum()))));
        show_shares();
    }
    std::vector<FactList::Fact> facts;
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        facts.push_back({title_of(split), count_text(summary.rows_of(split))});
    m_counts->set_facts(facts);
}

SplitConfig SplitPanel::chosen() const {
    SplitConfig config = m_shown;
    // What a slider cannot show exactly is left as it is until that slider is moved.
    if (m_validation->value() != percent_of(m_shown.validation)) config.validation = m_validation->value() / 100.0;
    if (m_test->value() != percent_of(m_shown.test)) config.test = m_test->value() / 100.0;
    if (static_cast<std::uint64_t>(m_seed->value()) != std::min<std::uint64_t>(m_shown.seed, static_cast<std::uint64_t>(m_seed->maximum())))
        config.seed = static_cast<std::uint64_t>(m_seed->value());
    return config;
}

void SplitPanel::show_shares() {
    m_validation_share->setText(share_text(m_validation->value() / 100.0));
    m_test_share->setText(share_text(m_test->value() / 100.0));
}

void SplitPanel::tell() {
    const SplitConfig config = chosen();
    if (!(config == m_shown)) Q_EMIT split_wanted(config);
}

}  // namespace lossmith::ui

#include "moc_SplitPanel.cpp"
