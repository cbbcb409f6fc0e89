// How long the rows are in tokens, and where they are cut. The line can be dragged.
#pragma once

#include <QWidget>
#include <vector>

namespace lossmith::ui {

class LengthHistogram : public QWidget {
    Q_OBJECT

public:
    explicit LengthHistogram(QWidget* parent = nullptr);

    void set_lengths(std::vector<int> lengths);
    void set_limit(int limit);
    [[nodiscard]] int limit() const { return m_limit; }
    [[nodiscard]] int rows_cut() const;  ///< longer than the limit
    [[nodiscard]] int longest() const { return m_lengths.empty() ? 0 : m_lengths.back(); }
    [[nodiscard]] int median() const { return m_lengths.empty() ? 0 : m_lengths[m_lengths.size() / 2]; }
    [[nodiscard]] const std::vector<int>& lengths() const { return m_lengths; }  ///< sorted

Q_SIGNALS:
    void limit_dragged(int limit);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override { return {480, 170}; }

private:
    struct Bins {
        int width = 1;  ///< tokens in a bin
        std::vector<int> counts;
        int most = 0;
    };
    [[nodiscard]] Bins bins() const;
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double axis_end(const Bins& bins) const;  ///< tokens at the right edge
    void draw(QPainter& painter) const;
    void drag_to(double x);
    void save_as(const QString& path);
    void choose_file();

    std::vector<int> m_lengths;
    int m_limit = 1024;
};

}  // namespace lossmith::ui
