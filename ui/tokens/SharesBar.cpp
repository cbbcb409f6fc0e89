#include "ui/tokens/SharesBar.h"

#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

class SharesBar::Bar : public QWidget {
public:
    explicit Bar(SharesBar& owner) : QWidget(&owner), m_owner(owner) { setFixedHeight(16); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setPen(Theme::colour(Role::Border));
        if (m_owner.m_shares && m_owner.m_shares->fed() > 0) {
            const ExampleShares& shares = *m_owner.m_shares;
            int x = 0;
            const auto part = [&](std::int64_t count, const QBrush& brush) {
                const int to =
                    static_cast<int>(static_cast<double>(width()) * static_cast<double>(count) / static_cast<double>(shares.fed()));
                painter.fillRect(QRect(x, 0, to, height()), brush);
                x += to;
            };
            part(shares.labelled, Theme::colour(Role::Tuned));
            part(shares.ignored, Theme::colour(Role::Rail));
            part(shares.padding, QBrush(Theme::colour(Role::Muted), Qt::BDiagPattern));
        }
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }

private:
    SharesBar& m_owner;
};

SharesBar::SharesBar(QWidget* parent) : QWidget(parent), m_bar(new Bar(*this)), m_words(new QLabel) {
    m_words->setObjectName(QStringLiteral("shares"));
    m_words->setWordWrap(true);
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_bar);
    layout->addWidget(m_words);
    set_shares({});
}

QString SharesBar::in_words() const {
    if (!m_shares) return tr("Counting the tokens of all training rows…");
    const auto share = [this](std::int64_t count) {
        return tr("%1 (%2)").arg(count_text(count),
                                 share_text(static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(1, m_shares->fed()))));
    };
    QString words = tr("Of %1 tokens in %2 training rows: labelled %3, ignored %4, padding %5.")
                        .arg(count_text(m_shares->fed()), count_text(m_shares->rows), share(m_shares->labelled), share(m_shares->ignored),
                             share(m_shares->padding));
    if (m_shares->truncated > 0) words += tr(" %1 are cut away.").arg(count_text(m_shares->truncated));
    if (m_shares->unlabelled_rows > 0)
        words += QLatin1Char(' ') + counted(m_shares->unlabelled_rows, tr("1 row has no label and is left out."),
                                            tr("%1 rows have no label and are left out."));
    return words;
}

void SharesBar::set_shares(const std::optional<ExampleShares>& shares) {
    m_shares = shares;
    m_words->setText(in_words());
    m_bar->update();
}

void SharesBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) m_bar->update();
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_SharesBar.cpp"
