// The small pieces of text that pages are made of.
#pragma once

#include <QLabel>
#include <QWidget>
#include <vector>

#include "ui/widgets/Theme.h"

class QHBoxLayout;
class QGridLayout;

namespace lossmith::ui {

/// "DEVICES": small capitals over a group, mostly in the inspector.
class SectionLabel : public QLabel {
    Q_OBJECT

public:
    explicit SectionLabel(const QString& text, QWidget* parent = nullptr);
};

/// Text that is less important than what it stands beside. Wraps.
class MutedLabel : public QLabel {
    Q_OBJECT

public:
    explicit MutedLabel(const QString& text = {}, QWidget* parent = nullptr);
    /// The colour of a state: Ok, Warn, Bad, Accent, Base, Tuned or Muted.
    void set_role(Role role);

protected:
    void changeEvent(QEvent* event) override;

private:
    void recolour();

    Role m_role = Role::Muted;
};

/// One line that ends in … where there is no room for all of it; then the tool tip has the whole. It never widens what it stands in.
class ElidedLabel : public MutedLabel {
    Q_OBJECT

public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);
    void set_text(const QString& text);
    [[nodiscard]] bool is_elided() const;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
};

/// The first line of a page: title, chips, a muted summary, and buttons at the right.
class PageHeader : public QWidget {
    Q_OBJECT

public:
    explicit PageHeader(const QString& title, QWidget* parent = nullptr);

    void add_chip(QWidget* chip);
    void set_summary(const QString& text);
    void add_button(QWidget* button);

private:
    QHBoxLayout* m_chips;
    ElidedLabel* m_summary;
    QHBoxLayout* m_buttons;
};

/// "Memory — 0.41 GB" lines, as in the inspector. Values line up at the right.
class FactList : public QWidget {
    Q_OBJECT

public:
    explicit FactList(QWidget* parent = nullptr);

    struct Fact {
        QString label;
        QString value;
        Role role = Role::Text;
    };
    void set_facts(const std::vector<Fact>& facts);

private:
    struct Line {
        QLabel* label;
        MutedLabel* value;
    };
    QGridLayout* m_grid;
    std::vector<Line> m_lines;
};

}  // namespace lossmith::ui
