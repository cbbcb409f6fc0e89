// A chart of curves that grow: legend with last values, toggles, log axis, smoothing, crosshair, zoom, export.
#pragma once

#include <QPointF>
#include <QStringList>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "core/base/Result.h"
#include "ui/charts/ChartText.h"
#include "ui/charts/CurveSpec.h"
#include "ui/widgets/Card.h"

class QCPPainter;
class QMenu;

namespace lossmith::ui {

/// Shows all of its points until the user zooms (wheel, drag, + and −) and again after a double click or Home; while it shows
/// all, it follows new points. Drawing costs grow with the width in pixels, not with the number of points.
class CurveChart : public Card {
    Q_OBJECT

public:
    enum class Kind {
        Full,     ///< toggles above, legend below
        Compact,  ///< a heading with the last value, no toggles
    };

    explicit CurveChart(const QString& heading, Kind kind = Kind::Full, QWidget* parent = nullptr);
    ~CurveChart() override;

    void set_value_format(ValueFormat format);
    void set_x_name(const QString& name);    ///< "step"
    void set_expected_end(double x);         ///< the x axis reaches at least so far; 0: just to the last point
    void set_footnote(const QString& text);  ///< right of the legend

    /// A name that is already there keeps its points and is dressed anew.
    void add_curve(const CurveSpec& spec);
    void remove_curve(const QString& name);
    void remove_curves();
    [[nodiscard]] bool has_curve(const QString& name) const;
    [[nodiscard]] QStringList curves() const;

    /// New points in x order. A point at or before the curve's last x replaces what was from there on (a run that was resumed).
    void append(const QString& name, std::span<const QPointF> points);
    void clear_points();

    void set_curve_visible(const QString& name, bool visible);
    [[nodiscard]] bool is_curve_visible(const QString& name) const;
    void set_log_scale(bool on);
    [[nodiscard]] bool log_scale() const;
    /// Weight of the past in an exponential moving average, in [0, 1); 0 shows the points as they are.
    void set_smoothing(double weight);
    [[nodiscard]] double smoothing() const;

    [[nodiscard]] qsizetype point_count(const QString& name) const;
    [[nodiscard]] std::optional<QPointF> last_point(const QString& name) const;
    [[nodiscard]] std::pair<double, double> x_range() const;
    [[nodiscard]] std::pair<double, double> y_range() const;
    [[nodiscard]] bool is_following() const;
    void show_all();

    /// What the crosshair says at `x`, as text: "step 320 · train 0.31 · validation 0.29".
    [[nodiscard]] QString values_at(double x) const;
    /// Draws now instead of with the next frame, and tells how long it took.
    double draw_now();

    [[nodiscard]] Status export_png(const QString& path);
    [[nodiscard]] Status export_svg(const QString& path);
    [[nodiscard]] Status export_csv(const QString& path);
    /// Columns: x, then a column for each visible curve; an empty cell where a curve has no point.
    [[nodiscard]] QString as_csv() const;

Q_SIGNALS:
    void exported(const QString& path);
    void export_failed(const lossmith::Error& error);
    void view_changed();

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

private:
    struct Parts;

    void build();
    void dress();
    void fit();
    void queue_draw();
    void refresh();
    void apply_log_scale();
    void user_took_the_view();
    void zoom_x(double factor, double around);
    void zoom_y(double factor);
    void point_at(double x);
    void update_legend();
    void update_toggles();
    [[nodiscard]] QString legend_html() const;
    void fill_menu(QMenu& menu);
    void choose_file(const QString& caption, const QString& suffix, Status (CurveChart::*write)(const QString&));
    void paint_all(QCPPainter& painter, const QSize& size);

    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith::ui
