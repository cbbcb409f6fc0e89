// Attention of one head as a picture: a line a token that looks, a column a token it looks at, the stronger the darker.
#pragma once

#include <QImage>
#include <QWidget>
#include <vector>

namespace lossmith::ui {

/// [query][key]; what comes after a query is not there, each query's row sums to 1.
using AttentionRows = std::vector<std::vector<double>>;

/// The square root of the weight as strength of the accent over the panel, so that weak ties are seen too.
[[nodiscard]] QImage attention_image(const AttentionRows& rows);

class AttentionMap : public QWidget {
    Q_OBJECT

public:
    explicit AttentionMap(QWidget* parent = nullptr);

    void set_rows(AttentionRows rows, std::vector<QString> tokens);
    void set_query(int query);
    [[nodiscard]] const AttentionRows& rows() const { return m_rows; }
    [[nodiscard]] QPoint centre_of(int query, int key) const;
    [[nodiscard]] QSize sizeHint() const override { return {220, 220}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {80, 80}; }

Q_SIGNALS:
    void query_chosen(int query);

protected:
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    [[nodiscard]] QRect square() const;
    [[nodiscard]] QPoint cell_under(QPoint position) const;  ///< x: key, y: query; (-1, -1) for none

    AttentionRows m_rows;
    std::vector<QString> m_tokens;
    QImage m_image;
    int m_query = -1;
};

}  // namespace lossmith::ui
